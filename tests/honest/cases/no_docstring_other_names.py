"""The docstring was deleted, arguments renamed, and an optional one added."""


def case(book):
    book.write(
        "saliency",
        "def saliency(net, images, classes, eps=1e-8):\n    images = images.detach().clone().requires_grad_(True)\n    total = net(images).gather(1, classes[:, None]).sum()\n    size = torch.autograd.grad(total, images)[0].abs()\n    return size.amax(1) if images.ndim == 4 else size",
    )
