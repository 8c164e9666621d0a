"""Thirty experiments of the student's own, each of which takes long, stand between the exercises."""

SAYS = "seconds"


def case(book):
    for number in range(30):
        book.before("smoothgrad", f"import time\nresult_{number} = time.sleep(60)\nprint(result_{number})")
