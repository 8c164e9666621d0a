"""Where a gradebook is: an address as SQLAlchemy writes it, shown without its password."""

from __future__ import annotations

import re
from pathlib import Path


def default_url(root: Path) -> str:
    """nbgrader's own place: ``gradebook.db`` in the course's folder."""
    return f"sqlite:///{root / 'gradebook.db'}"


def shown_url(url: str) -> str:
    """The address for a message: a password in it is not for logs."""
    return re.sub(r"(://[^:/@]*):[^@]*@", r"\1:...@", url)
