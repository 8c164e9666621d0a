"""The solution's cell was turned into Markdown by a key pressed by accident."""

SCORE = 92 - 8
SAYS = "is no code cell: change its type to Code"


def case(book):
    cell = book.cell("saliency")
    cell["cell_type"] = "markdown"
    del cell["outputs"], cell["execution_count"]
