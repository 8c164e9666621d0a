"""The seed of a class: where it comes from, and how it is named without being told."""

from __future__ import annotations

import hashlib
import os
import tomllib
from pathlib import Path

_DEFAULT_SEED = 0
_NO_SEED = (
    "AUTOGRADER_SEED_FILE names {path}, which cannot be used ({why}). "
    "Write one whole number from 0 to 2**63 - 1 into it, or unset the variable to use the public seed."
)


class SeedError(ValueError):
    """The file with a class's seed cannot be used."""


def course_seed(root: Path) -> int:
    """The seed of a class: from the file that AUTOGRADER_SEED_FILE names, else the public one of course.toml."""
    secret = os.environ.get("AUTOGRADER_SEED_FILE")
    if secret:
        return _secret_seed(Path(secret))
    settings = tomllib.loads((root / "course.toml").read_text()) if (root / "course.toml").exists() else {}
    return int(settings.get("seed", _DEFAULT_SEED))


def seed_fingerprint(seed: int) -> str:
    """A name for the seed that does not give it away."""
    return hashlib.sha256(b"interpretable-ai-course seed" + str(seed).encode()).hexdigest()[:12]


def _secret_seed(path: Path) -> int:
    try:
        text = path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise SeedError(
            _NO_SEED.format(path=path, why=getattr(error, "strerror", None) or "no text")
        ) from None
    if not text.isascii() or not text.isdigit() or int(text) >= 2**63:
        raise SeedError(_NO_SEED.format(path=path, why="it holds something else"))
    return int(text)
