"""A line below the solution, in its cell, is no Python: Jupyter runs nothing of that cell, and says so."""

SCORE = 92 - 8
SAYS = "which defines the function, could not be read"


def case(book):
    book.write("saliency", book.source("saliency") + "\n\nprint(saliency(")
