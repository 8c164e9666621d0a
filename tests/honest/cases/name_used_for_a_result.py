"""A scratch cell below binds the function's name to its result."""

SAYS = "saliency"


def case(book):
    book.after(
        "saliency",
        "model = nn.Sequential(nn.Linear(4, 3))\nsaliency = saliency(model, torch.rand(2, 4), torch.tensor([0, 1]))\nsaliency",
    )
    book.after("q1", "rank_similarity = 0.93")
