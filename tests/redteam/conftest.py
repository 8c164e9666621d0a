"""The red team's own fixtures: each surrounding grades the whole class of attacks once."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from autograder.worker import bubblewrap
from tests.redteam.control import Controls
from tests.redteam.grading import Place
from tests.redteam.surroundings import Surrounding

NO_SANDBOX = "no bubblewrap on this machine: apt install bubblewrap"


@pytest.fixture(scope="session")
def place() -> Iterator[Place]:
    """A course, and a folder to work in."""
    with Place() as one:
        yield one


@pytest.fixture(scope="session")
def controls(place: Place) -> Iterator[Controls]:
    """Attacks without their layers."""
    if bubblewrap.program() is None:
        pytest.skip(NO_SANDBOX)
    with Controls(place) as one:
        yield one


@pytest.fixture(scope="session")
def graded(request: pytest.FixtureRequest) -> Surrounding:
    """The surrounding that is asked for, after its run; one that is not to be had here skips."""
    surrounding: Surrounding = request.param
    why = surrounding.unavailable()
    if why:
        pytest.skip(why)
    surrounding.run()
    return surrounding
