"""The function was given another name by a slip of the keyboard."""

SCORE = 92 - 8
SAYS = "one called salience: is it meant?"


def case(book):
    book.edit("saliency", "def saliency(", "def salience(")
