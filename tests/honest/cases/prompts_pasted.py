"""Code was pasted with its prompts, >>> and In [1]:, which Jupyter takes away."""


def case(book):
    lines = book.source("saliency").split("\n")
    book.write("saliency", "\n".join((">>> " if n == 0 else "... ") + line for n, line in enumerate(lines)))
    lines = book.source("smoothgrad").split("\n")
    book.write(
        "smoothgrad", "\n".join(("In [3]: " if n == 0 else "   ...: ") + line for n, line in enumerate(lines))
    )
