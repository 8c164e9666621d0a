"""The cell of one exercise is gone, its check cell is still there."""
OTHERWISE = "perfect_loops"

# %% [delete] completeness_gap
