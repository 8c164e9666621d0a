"""The notebook has 500 more cells, of code and text."""


def case(book):
    for number in range(250):
        book.before("smoothgrad", f"value_{number} = {number}\nprint(value_{number})")
        book.before("smoothgrad", f"Note {number}", "markdown")
