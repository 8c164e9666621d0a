"""Type hints use aliases of the student's own and of a library that is absent."""


def case(book):
    book.before("saliency", "Tensor = torch.Tensor\nMaps = dict[str, Tensor]")
    book.write(
        "saliency",
        book.source("saliency").replace(
            "(model, x, target)", "(model: nn.Module, x: Tensor, target: Tensor) -> Tensor"
        ),
    )
    book.write(
        "smoothgrad",
        "from jaxtyping import Float\n\n"
        + book.source("smoothgrad").replace(
            "noise, noise_level)",
            "noise: Float[Tensor, 's b d'], noise_level: float) -> Float[Tensor, 'b d']",
        ),
    )
