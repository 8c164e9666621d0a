"""nbgrader reads this file in the course's folder: https://nbgrader.readthedocs.io

Lessons are written in source/ as text; what nbgrader calls "source" is generated from it. Grading goes through
the course's own judge: no kernel is started, and any bytes that a student hands in end in a grade.
"""

c = get_config()  # noqa: F821 (nbgrader provides it)

c.CourseDirectory.source_directory = "solutions"
c.CourseDirectory.release_directory = "release"

ours, theirs = "autograder.interop.nbgrader", "nbgrader.preprocessors"
c.Autograde.exporter_class = f"{ours}.exporter.AnyBytesExporter"  # of Autograde alone: feedback has its own
c.Autograde.pre_convert_hook = f"{ours}.before.before_student"
c.Autograde.sanitize_preprocessors = [
    f"{theirs}.ClearOutput",
    f"{theirs}.OverwriteKernelspec",
    f"{theirs}.OverwriteCells",
    f"{theirs}.CheckCellMetadata",
]
c.Autograde.autograde_preprocessors = [
    f"{ours}.grades.JudgeGrades",  # in the place of Execute
    f"{ours}.grades.SaveJudgeGrades",
    f"{ours}.late.CoursePenalties",  # in the place of AssignLatePenalties
    f"{theirs}.CheckCellMetadata",
]
