"""nbgrader's gradebook, prepared and written to: SQLite by default, any database of its by URL."""
