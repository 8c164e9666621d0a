"""nbgrader reads this file in the course's folder: https://nbgrader.readthedocs.io"""

c = get_config()  # noqa: F821 (nbgrader provides it)

# Lessons are written in source/ as text; what nbgrader calls "source" is generated from it.
c.CourseDirectory.source_directory = "solutions"
c.CourseDirectory.release_directory = "release"
