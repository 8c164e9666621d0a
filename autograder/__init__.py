"""The engine of the course: builds lessons, grades submissions, writes feedback.

Floors, each of which may import only what stands before it (plus ``coursekit``):
``records``, ``course``, ``submissions``, ``worker``, ``judge``, ``authoring``, ``reports``, ``cli``.
"""

__version__ = "0.1.0"
