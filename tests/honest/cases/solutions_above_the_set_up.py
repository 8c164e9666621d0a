"""The solutions stand at the very top, above the imports."""


def case(book):
    for name in ("saliency", "smoothgrad", "rank_similarity"):
        cell = book.cell(name)
        book.cells.remove(cell)
        book.cells.insert(0, cell)
