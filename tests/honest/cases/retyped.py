"""A new notebook in which everything was typed again, without any cell of the release."""


def case(book):
    names = [
        "saliency",
        "gradient_times_input",
        "integrated_gradients",
        "completeness_gap",
        "smoothgrad",
        "guided_backprop",
        "rank_similarity",
        "cascading_randomisation",
        "q1",
        "q2",
        "q3",
        "q4",
        "q5",
        "q6",
    ]
    cells = [
        book.new("import copy, torch, numpy as np\nfrom torch import nn"),
        *(c for c in book.code if c["id"].startswith("own")),
    ]
    cells += [book.new(book.source(name)) for name in names]
    book.tree = {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
