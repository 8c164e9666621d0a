"""All cells have the same id, and nbgrader's names occur twice."""


def case(book):
    book.cells.append(book.copy("smoothgrad"))
    for cell in book.cells:
        cell["id"] = "a"
