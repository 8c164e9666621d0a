"""The command line. Every command imports what it needs when it runs: the first screen waits for nothing."""

from __future__ import annotations


def main() -> None:
    """Entry point of the ``autograder`` command."""
    from autograder.cli.app import app

    app()
