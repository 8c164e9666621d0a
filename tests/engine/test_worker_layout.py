import sys
from dataclasses import replace
from importlib import metadata
from pathlib import Path

import pytest

from autograder.worker import bubblewrap, layout
from autograder.worker.layout import INSIDE, PACKAGES, build_layout


@pytest.fixture(scope="module")
def built():
    return build_layout()


@pytest.mark.parametrize(
    "name", ["torch", "numpy", "scipy", "pandas", "sklearn", "matplotlib", "PIL", "tqdm", "IPython"]
)
def test_what_students_use_is_there(built, name):
    assert built.packages[name].is_dir()


@pytest.mark.parametrize("name", ["numpy.libs", "typing_extensions.py", "six.py", "mpl_toolkits", "dateutil"])
def test_what_that_needs_is_there(built, name):
    assert built.packages[name].exists()


@pytest.mark.parametrize(
    "name", ["captum", "shap", "nbgrader", "otter", "pytest", "_pytest", "networkx", "pip", "jupyterlab"]
)
def test_the_rest_is_not(built, name):
    assert name not in built.packages


def test_torch_needs_networkx_and_does_without_it(built):
    assert "networkx" in {name.split(";")[0].split(">")[0].strip() for name in metadata.requires("torch")}


def test_of_ours_only_the_kit_and_the_inside(built):
    root = Path(layout.__file__).resolve().parents[2]
    ours = {
        name: path
        for name, path in built.packages.items()
        if path.is_relative_to(root) and "site-packages" not in path.parts
    }
    assert ours == {"coursekit": root / "coursekit", INSIDE: root / "autograder" / "worker" / "inside"}


def test_no_path_file_and_no_outside_file_is_there(built):
    assert not [
        name for name in built.packages if name.endswith((".pth", ".egg-link")) or name.startswith("..")
    ]


def test_a_missing_library_is_named(monkeypatch):
    monkeypatch.setattr(layout, "ALLOWED", ("numpy", "no-such-library"))
    with pytest.raises(
        RuntimeError, match="no-such-library is not installed, and workers need it: pip install"
    ):
        build_layout()


def test_a_forbidden_library_takes_its_needs_along(monkeypatch):
    monkeypatch.setattr(layout, "FORBIDDEN", frozenset({"matplotlib", "pandas"}))
    packages = build_layout().packages
    assert "matplotlib" not in packages
    assert "kiwisolver" not in packages


def test_a_package_without_a_record_is_found(tmp_path, monkeypatch):
    (tmp_path / "oldfashioned").mkdir()
    (tmp_path / "single.py").touch()
    info = tmp_path / "oldfashioned-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: oldfashioned\nVersion: 1.0\n")
    (info / "top_level.txt").write_text("oldfashioned\nsingle\n")
    monkeypatch.syspath_prepend(tmp_path)
    entries = layout._entries(metadata.distribution("oldfashioned"))
    assert entries == {"oldfashioned": tmp_path / "oldfashioned", "single.py": tmp_path / "single.py"}


def test_packages_of_the_base_python_are_covered(built):
    """In a conda environment or without a virtual environment they lie inside what is bound."""
    inside = built.prefix / "lib" / "python3.11" / "site-packages"
    arguments = bubblewrap._arguments(replace(built, hidden=(inside,)))
    place = arguments.index(str(inside))
    assert arguments[place - 1 : place + 3] == ["--tmpfs", str(inside), "--remount-ro", str(inside)]
    assert place > max(i for i, text in enumerate(arguments) if text == str(built.prefix / "lib"))


def test_everything_is_bound_read_only(built):
    arguments = bubblewrap._arguments(built)
    assert not {"--bind", "--dev-bind", "--share-net"} & set(arguments)
    targets = {arguments[i + 2] for i, text in enumerate(arguments) if text == "--ro-bind"}
    assert "/" not in targets
    assert not {str(Path.home()), "/etc", "/home", "/usr", "/tmp", sys.prefix} & targets
    assert f"{PACKAGES}/torch" in targets


def test_a_systems_own_python_brings_only_its_modules(built):
    system = replace(built, prefix=Path("/usr"), modules=Path("/usr/lib/python3.11"))
    targets = bubblewrap._binds(system)
    assert "/usr/lib/python3.11" in targets
    assert "/usr/lib" not in targets or not Path("/usr/lib/x86_64-linux-gnu").is_dir()
