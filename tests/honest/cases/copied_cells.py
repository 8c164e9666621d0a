"""Solutions were copied to the end; the stub in the first place is untouched again."""


def case(book):
    for name in ("saliency", "integrated_gradients"):
        book.cells.append(book.copy(name))
        book.write(name, book.stub(name))
    book.cells.append(book.copy("smoothgrad"))
