"""Answers to questions stand in cells of the student's own, with comments, types and tuples."""


def case(book):
    for name in ("q1", "q2", "q3", "q4"):
        book.cells.remove(book.cell(name))
    book.last('q1 = (0, 1)  # both\nq2: str = "b"')
    book.before("saliency", "q3, q4 = {'a', 'b', 'd', 'f'}, 'c'")
