"""A right notebook of which the second half is missing."""
OTHERWISE = "perfect_loops"
SHAPE = "cut_off"
