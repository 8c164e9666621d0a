"""Scratch cells are no Python: half a thought, prose, Python 2, a bracket left open."""

SAYS = "SyntaxError"


def case(book):
    book.before("saliency", "todo: look at the sign of the gradient!")
    book.before("smoothgrad", "print 'hello'")
    book.before("guided_backprop", "x = (1, 2\ny = [")
    book.before("rank_similarity", "def half(")
