"""Authoring: building lessons from their sources, saying what is stale, and starting new ones."""

from autograder.authoring.build import Built, Stale, build, check
from autograder.authoring.errors import BuildError, CellFailed, EditedByHand

__all__ = ["BuildError", "Built", "CellFailed", "EditedByHand", "Stale", "build", "check"]
