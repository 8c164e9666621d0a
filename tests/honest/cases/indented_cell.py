"""A whole solution cell is indented by four blanks, as when it is copied out of a page; Jupyter runs that."""


def case(book):
    book.write(
        "saliency",
        "\n".join("    " + line if line else line for line in book.source("saliency").split("\n")).lstrip(
            "\n"
        ),
    )
    book.cell("saliency")["source"] = "    " + book.cell("saliency")["source"].lstrip()
