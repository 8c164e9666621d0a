"""exit(), quit() and sys.exit() stand in the middle of the notebook."""

SAYS = "exit() was ignored; the statements after it were run"


def case(book):
    book.before("saliency", "exit()")
    book.before("smoothgrad", "import sys\nsys.exit(0)\nprint('after')")
    book.before("guided_backprop", "if True:\n    quit()")
