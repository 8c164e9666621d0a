"""Foreign text made harmless to read: names, answers and messages that a stranger may have written.

Markup is the templates' and the terminal's business (they escape). This module removes what would
change how the text *around* it reads: terminal control sequences, other control characters, writing
direction overrides, invisible characters, towers of combining marks, and endless length.
"""

from __future__ import annotations

import re
import unicodedata

# CSI, OSC / DCS / PM / APC strings, and two-character escapes: what a terminal obeys
_ANSI = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]"
    r"|(?:\x1b[\]PX^_]|[\x9d\x90\x98\x9e\x9f])[^\x07\x1b\x9c]{0,4096}(?:\x07|\x1b\\|\x9c)"
    r"|\x1b[ -/]*[0-~]"
)
# Controls (tab and line feed are dealt with apart), direction marks and overrides, invisible
# characters, lone surrogates. ZERO WIDTH (NON-)JOINER stay: scripts and emoji need them.
_HIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f"
    "\ufeff\ufff9-\ufffb\ufffe\uffff\ud800-\udfff\U000e0000-\U000e007f]"
)
_MARKS = "\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f"
_TOWER = re.compile(f"([{_MARKS}]{{3}})[{_MARKS}]+")
_RETURN = re.compile(r"\r\n?|[\u2028\u2029\x85]")

_TWINS = str.maketrans(
    {"…": "...", "·": "-", "—": "-", "–": "-", "×": "x", "÷": "/", "→": "->", "’": "'", "“": '"', "”": '"'}
)

CUT = " … (cut here: {more} more characters)"


def clean(text: str) -> str:
    """``text`` with line feeds kept and everything that is not plainly visible made so or removed.

    A control or direction character is shown as its code point in brackets, ``[U+202E]``, so that the
    reader sees that something was there; complete terminal sequences (colours of a progress bar) go.
    """
    if text.isascii() and text.isprintable():
        return text
    text = _RETURN.sub("\n", _ANSI.sub("", text)).expandtabs(4)
    text = _HIDDEN.sub(lambda found: f"[U+{ord(found[0]):04X}]", text)
    return _TOWER.sub(r"\1", text)


def line(text: str, limit: int = 300) -> str:
    """``text`` cleaned, on one line, at most about ``limit`` characters and a notice."""
    return " ".join(clean(cut(text, limit)).split())


def cut(text: str, limit: int) -> str:
    """The first ``limit`` characters of ``text``, with a notice of how much is missing."""
    if len(text) <= limit:
        return text
    return text[:limit].rstrip() + CUT.format(more=f"{len(text) - limit:,}")


def block(text: str, limit: int = 4000) -> str:
    """``text`` cleaned, lines kept (no more than two empty ones in a row), cut at ``limit``."""
    text = clean(cut(text, limit)).strip("\n")
    return re.sub(r"\n{4,}", "\n\n\n", text)


def name(text: str) -> str:
    """A person's name for display: one line, at most 80 characters, never empty."""
    return line(text, 80) or "(no name)"


def is_file_name(text: str) -> bool:
    """Whether ``text`` can be the name of one folder, and of nothing else."""
    return text not in ("", ".", "..") and not any(mark in text for mark in "/\\\0")


def ascii_only(text: str) -> str:
    """``text`` in ASCII, for a terminal that can show no more; what has no twin becomes its code."""
    text = unicodedata.normalize("NFKD", text.translate(_TWINS))
    text = "".join(mark for mark in text if not unicodedata.combining(mark))
    return text.encode("ascii", "backslashreplace").decode("ascii")
