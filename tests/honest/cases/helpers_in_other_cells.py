"""A helper stands far below the function that calls it, and a constant far above."""


def case(book):
    book.first("CHANNELS = 1")
    book.edit(
        "saliency",
        "        grad = torch.autograd.grad(score, one)[0][0]\n        size = abs(grad)\n",
        "        size = size_of(score, one)\n",
    )
    book.edit(
        "saliency", "best = torch.maximum(best, channel)", "best = torch.maximum(best, channel) * CHANNELS"
    )
    book.last("def size_of(score, one):\n    return abs(torch.autograd.grad(score, one)[0][0])")
