"""Absent libraries are imported in try and except, and the answer does without them."""


def case(book):
    book.write(
        "saliency",
        "try:\n    import captum\n    HAS = True\nexcept ImportError:\n    captum = None\n    HAS = False\n\n"
        + book.source("saliency"),
    )
    book.edit(
        "saliency", "    maps = []\n", "    if HAS:\n        raise RuntimeError('not here')\n    maps = []\n"
    )
