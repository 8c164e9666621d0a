"""Names stand for a lambda, a functools.partial and a bound method."""


def case(book):
    book.edit("saliency", "def saliency(model, x, target)", "def _saliency(reduce, model, x, target)")
    book.write(
        "saliency",
        "from functools import partial\n\n"
        + book.source("saliency")
        + "\n\n\nsaliency = partial(_saliency, 'max')",
    )
    book.edit("gradient_times_input", "def gradient_times_input", "def _times")
    book.write(
        "gradient_times_input",
        book.source("gradient_times_input")
        + "\n\n\ngradient_times_input = lambda model, x, target: _times(model, x, target)",
    )
    body = book.source("guided_backprop").replace("def guided_backprop(model", "def run(self, model")
    book.write(
        "guided_backprop",
        "class Guided:\n"
        + "\n".join("    " + line if line else line for line in body.split("\n"))
        + "\n\n\nguided_backprop = Guided().run",
    )
