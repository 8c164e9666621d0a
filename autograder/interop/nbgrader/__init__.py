"""nbgrader as the course's office: its commands, its gradebook and formgrader, with our judge inside.

``nbgrader_config.py`` names what stands here, and nothing of nbgrader is changed:

* :class:`~autograder.interop.nbgrader.exporter.AnyBytesExporter` reads whatever a student handed in;
* :class:`~autograder.interop.nbgrader.grades.JudgeGrades` stands in the place of ``Execute``;
* :class:`~autograder.interop.nbgrader.grades.SaveJudgeGrades` in the place of ``SaveAutoGrades``;
* :func:`~autograder.interop.nbgrader.before.before_student` clears away what nbgrader would stop at.
"""
