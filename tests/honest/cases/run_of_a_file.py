"""%run and an import bring the solution from a file that was not handed in."""

SCORE = 92 - 8 - 6
SAYS = ("which was not handed in",)


def case(book):
    book.write("saliency", "%run my_saliency.py")
    book.write("gradient_times_input", "from my_solutions import gradient_times_input")
