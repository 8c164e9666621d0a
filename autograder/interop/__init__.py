"""The course on the routes that people have: nbgrader, Otter, Gradescope, and the learning platforms.

No route runs a student's code in its own process, and none gives points: each hands the bytes to a judge in
another process and shows what the record says.
"""
