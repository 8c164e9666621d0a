"""The untouched stub was pasted once more below the solution."""


def case(book):
    book.after("saliency", book.stub("saliency"))
    book.last("def smoothgrad(model, x, target, noise, noise_level):\n    pass")
