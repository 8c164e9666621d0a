"""All metadata are gone: of the notebook, of the cells, their ids and outputs."""


def case(book):
    book.tree["metadata"] = {}
    for cell in book.cells:
        cell.pop("id", None)
        cell["metadata"] = {}
    book.tree["nbformat_minor"] = 4
