"""Scratch cells raise, in the middle of their statements and of their blocks."""

SAYS = ("ZeroDivisionError", "NameError")


def case(book):
    book.before("saliency", "1 / 0\nstep = 3\nassert step == 4, 'not yet'")
    book.before("smoothgrad", "for k in range(3):\n    print(undefined_name)")
    book.before("guided_backprop", "raise Exception")
