"""The little Markdown and mathematics that questions and rubrics are written in, as HTML and as text.

Understood: paragraphs (a single line break is only a wrapped line), ``**strong**``, ``*emphasis*``,
`` `code` `` and ``$formula$``. Of a formula only what reads well on one line is set: letters, numbers,
fractions, indices, exponents and the usual signs; what is not known keeps its name without the backslash.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from markupsafe import Markup, escape

from autograder.reports import text

_SIGNS = {
    "cdot": "·", "times": "×", "le": "≤", "leq": "≤", "ge": "≥", "geq": "≥", "ne": "≠", "neq": "≠", "approx": "≈",
    "partial": "∂", "nabla": "∇", "sum": "∑", "prod": "∏", "int": "∫", "in": "∈", "infty": "∞", "to": "→",
    "rightarrow": "→", "pm": "±", "sqrt": "√", "ldots": "…", "dots": "…", "cdots": "⋯", "mid": "|", "lvert": "|",
    "rvert": "|", "lVert": "‖", "rVert": "‖", "odot": "⊙", "sim": "∼", "propto": "∝", "subseteq": "⊆", "cup": "∪",
    "cap": "∩", "setminus": "∖", "emptyset": "∅", "varnothing": "∅", "alpha": "α", "beta": "β", "gamma": "γ",
    "delta": "δ", "epsilon": "ε", "varepsilon": "ε", "eta": "η", "theta": "θ", "kappa": "κ", "lambda": "λ", "mu": "μ",
    "nu": "ν", "pi": "π", "rho": "ρ", "sigma": "σ", "tau": "τ", "phi": "φ", "varphi": "φ", "chi": "χ", "psi": "ψ",
    "omega": "ω", "Delta": "Δ", "Gamma": "Γ", "Lambda": "Λ", "Phi": "Φ", "Psi": "Ψ", "Sigma": "Σ", "Omega": "Ω",
    "left": "", "right": "", "big": "", "Big": "", "quad": " ", "qquad": " ", ",": " ", ";": " ", ":": " ", "!": "",
    "{": "{", "}": "}", "|": "‖", "%": "%", "_": "_", " ": " ",
}  # fmt: skip
_FRACTION = re.compile(r"\\[td]?frac\s*(?:\{([^{}]*)\}\s*\{([^{}]*)\}|(\w)\s*(\w))")
_UPRIGHT = re.compile(r"\\(?:mathrm|mathbf|mathit|text|operatorname|mathcal|mathbb)\s*\{([^{}]*)\}")
_COMMAND = re.compile(r"\\([A-Za-z]+|.)\s*")
_RAISED = re.compile(r"([\^_])(?:\{([^{}]*)\}|(\S))")
_LONE = re.compile(r"(?<![A-Za-z])([A-Za-zα-ω])(?![A-Za-z])")
_PIECE = re.compile(
    r"`(?P<code>[^`\n]+)`"
    r"|\$(?P<math>[^$\s](?:[^$\n]*[^$\s])?)\$"
    r"|(?<![\w*])\*\*(?P<strong>[^*\s](?:[^*]*[^*\s])?)\*\*(?![\w*])"
    r"|(?<![\w*])\*(?P<em>[^*\s](?:[^*]*[^*\s])?)\*(?![\w*])"
)


def rich_text(value: str, limit: int = 4000) -> Markup:
    """``value`` as escaped HTML: paragraphs parted by ``<br><br>``, so that it fits inside any element."""
    return Markup("<br><br>\n").join(_paragraph(p, _set_plainly) for p in _paragraphs(value, limit))


def mathjax_text(value: str, limit: int = 4000) -> Markup:
    """As :func:`rich_text`, with formulas as MathJax reads them, whole: for pages that set them."""
    return Markup("<br><br>\n").join(_paragraph(p, _for_mathjax) for p in _paragraphs(value, limit))


def plain(value: str, limit: int = 4000) -> str:
    """``value`` as text for a terminal: formulas without their dollars, paragraphs parted by an empty line."""
    return "\n\n".join(_PIECE.sub(_plain_piece, p) for p in _paragraphs(value, limit))


def _paragraphs(value: str, limit: int) -> list[str]:
    return [" ".join(p.split()) for p in re.split(r"\n[ \t]*\n", text.block(value, limit)) if p.strip()]


def _plain_piece(found: re.Match[str]) -> str:
    if found["math"] is not None:
        return _formula(found["math"])
    return found[0] if found["code"] is not None else found["strong"] or found["em"]


def _paragraph(value: str, formula: Callable[[str], Markup]) -> Markup:
    made, at = Markup(), 0
    for found in _PIECE.finditer(value):
        made += escape(value[at : found.start()]) + _piece(found, formula)
        at = found.end()
    return made + escape(value[at:])


def _set_plainly(source: str) -> Markup:
    return _set(_formula(source))


def _for_mathjax(source: str) -> Markup:
    return Markup(r"\({}\)").format(source)


def _piece(found: re.Match[str], formula: Callable[[str], Markup]) -> Markup:
    if found["math"] is not None:
        return formula(found["math"])
    if found["code"] is not None:
        return Markup("<code>{}</code>").format(found["code"])
    if found["strong"] is not None:
        return Markup("<strong>{}</strong>").format(_paragraph(found["strong"], formula))
    return Markup("<em>{}</em>").format(_paragraph(found["em"], formula))


def _formula(source: str) -> str:
    """One line of signs; indices and exponents still marked by ``_`` and ``^``."""

    def part(value: str) -> str:
        return value if len(value) == 1 or value.isdigit() else f"({value})"

    # inner groups first, so that a fraction may hold an upright word
    source = _UPRIGHT.sub(r"\1", source)
    source = _FRACTION.sub(lambda f: f"{part(f[1] or f[3])}/{part(f[2] or f[4])}", source)
    source = _COMMAND.sub(lambda f: _SIGNS.get(f[1], f[1]) + (" " if f[0][-1].isspace() else ""), source)
    source = re.sub(r"([\^_])\{(\w)\}", r"\1\2", re.sub(r"([∂∇√]) ", r"\1", source))
    return " ".join(source.replace("-", "−").split())


def _set(formula: str) -> Markup:
    """A formula as HTML: lone letters in italics, indices and exponents set low and high."""
    made, at = Markup(), 0
    for found in _RAISED.finditer(formula):
        made += _letters(formula[at : found.start()])
        kind = "sup" if found[1] == "^" else "sub"
        made += Markup(f"<{kind}>{{}}</{kind}>").format(_letters(found[2] or found[3] or ""))
        at = found.end()
    made += _letters(formula[at:].replace("{", "").replace("}", ""))
    return Markup('<span class="math">{}</span>').format(made)


def _letters(piece: str) -> Markup:
    parts = _LONE.split(piece)  # every second part is a lone letter
    return Markup().join(Markup("<i>{}</i>").format(p) if at % 2 else escape(p) for at, p in enumerate(parts))
