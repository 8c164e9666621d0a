"""match, walrus, positional-only arguments, star expressions and nested f-strings of Python 3.11."""


def case(book):
    book.edit(
        "saliency",
        "        if x.dim() == 4:\n",
        "        match x.dim():\n            case 4:\n                wide = True\n            case _:\n                wide = False\n        if (n := x.dim()) == 4 and wide:\n            f'{n!r:>{10}}'\n",
    )
    book.edit("gradient_times_input", "(model, x, target)", "(model, x, target, /, *, unused=None)")
