"""from __future__ import annotations stands in a cell in the middle, and not at its top."""


def case(book):
    book.write(
        "saliency",
        "from __future__ import annotations\n"
        + book.source("saliency").replace(
            "(model, x, target)", "(model: Undefined, x: list[Tensor], target) -> Tensor"
        ),
    )
    book.before("smoothgrad", "x = 1\nfrom __future__ import division")
