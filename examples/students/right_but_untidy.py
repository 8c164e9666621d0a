"""Right answers in a file that went through many hands, with shell lines, exit() and scratch cells that fail."""
OTHERWISE = "perfect_vectorised"
SHAPE = "untidy"

# %% [before] gradient_times_input
!pip install torch==1.4
%load_ext autoreload
name = input("who is there? ")

# %% [after] smoothgrad
smoothgrad(net, pictures, labels, torch.randn(5, 3), 0.1)
assert False, "todo: find out why"

# %% [after] completeness_gap
exit()

# %% [after] rank_similarity
for i in range(3)
    print(i)

# %% [after] q6
q4 = ...

# %% [markdown] reflection
# YOUR ANSWER HERE
# (see the mail that I sent to you)
