"""The name stands for an object of a class with __call__."""


def case(book):
    body = book.source("saliency").replace("def saliency(model", "def __call__(self, model")
    text = "class Saliency:\n" + "\n".join("    " + line if line else line for line in body.split("\n"))
    book.write("saliency", text + "\n\n\nsaliency = Saliency()")
