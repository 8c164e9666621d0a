"""All cells stand in the reverse order, the set-up cell last."""


def case(book):
    book.cells.reverse()
