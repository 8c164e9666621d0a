"""Right answers, saved in the notebook format of 2013."""
OTHERWISE = "perfect_loops"
SHAPE = "nbformat_3"
