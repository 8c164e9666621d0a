"""Names and comments in many scripts; the file was saved in latin-1 by an old editor."""


def case(book):
    book.edit("saliency", "    maps = []\n", "    maps = []  # größer als früher\n    größe = 1\n")
    book.before("saliency", "# señal: está aquí\nä = 'Übung'\nprint(ä)")
    text = book.data().decode()
    return "".join(c if ord(c) < 256 else "?" for c in text).encode("latin-1")
