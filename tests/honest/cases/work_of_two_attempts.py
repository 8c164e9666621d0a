"""An early wrong attempt stands above the right one, under the same name, in cells of its own."""

SAYS = "the last definition counts"


def case(book):
    book.before("saliency", "def saliency(model, x, target):\n    return x * 0")
