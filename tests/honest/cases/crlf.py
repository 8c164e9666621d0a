"""The file and its sources have Windows line ends."""


def case(book):
    for cell in book.cells:
        cell["source"] = "".join(cell["source"]).replace("\n", "\r\n")
    return book.data().replace(b"\n", b"\r\n")
