"""A file of 0 bytes."""
SHAPE = "empty_file"
