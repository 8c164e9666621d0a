"""The code that runs beside student code. It imports the standard library, coursekit, and what students may use."""
