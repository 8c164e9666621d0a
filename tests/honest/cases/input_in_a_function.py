"""One function asks for a number with input() each time it is called: it cannot be run without a person."""

SCORE = 92 - 6
SAYS = "RuntimeError"


def case(book):
    book.edit("gradient_times_input", "    result =", "    factor = float(input('factor? '))\n    result =")
