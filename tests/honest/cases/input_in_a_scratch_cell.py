"""A scratch cell asks for a name with input(); nobody is there to answer."""

SAYS = "input() has nobody to answer it while your work is graded: give the value in the code instead"


def case(book):
    book.before("saliency", "name = input('Your name? ')\nprint('Hello', name)")
