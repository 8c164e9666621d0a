"""Gradescope: the zip for its autograder, what runs in its container, and its form of results."""
