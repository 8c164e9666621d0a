"""Scratch cells loop for ever, sleep for an hour, and compute for long in one call."""

SAYS = "stopped after"


def case(book):
    book.before("saliency", "while True:\n    pass")
    book.before("smoothgrad", "import time\ntime.sleep(3600)\nprint('done')")
    book.before("guided_backprop", "for i in range(10 ** 12):\n    i * i")
