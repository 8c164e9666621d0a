"""Helpers are a dataclass, an enum, a named tuple and an abstract class in other cells."""


def case(book):
    book.before(
        "saliency",
        "from dataclasses import dataclass, field\nfrom enum import Enum\nfrom typing import NamedTuple\nfrom abc import ABC, abstractmethod\n\nclass Rule(Enum):\n    MAX = 1\n\n@dataclass(frozen=True)\nclass Config:\n    rule: Rule = Rule.MAX\n    names: list = field(default_factory=list)\n\nclass Pair(NamedTuple):\n    score: torch.Tensor\n    grad: torch.Tensor\n\nclass Base(ABC):\n    @abstractmethod\n    def go(self): ...\n\nCONFIG = Config()",
    )
    book.edit(
        "saliency",
        "        size = abs(grad)\n",
        "        size = abs(Pair(score, grad).grad) if CONFIG.rule is Rule.MAX else None\n",
    )
