"""Otter: a plugin with which ``otter run`` gives the points of the judge's record and runs no student code."""
