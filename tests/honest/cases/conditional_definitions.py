"""Functions are defined in if and else, in try, in a with block and under __main__."""


def inside(head, source):
    return head + "\n" + "\n".join("    " + line if line else line for line in source.split("\n"))


def case(book):
    book.write(
        "saliency",
        "if torch.cuda.is_available():\n    def saliency(model, x, target):\n        return x.cuda()\n"
        + inside("else:", book.source("saliency")),
    )
    book.write("smoothgrad", inside("try:", book.source("smoothgrad")) + "\nexcept Exception:\n    pass")
    book.write(
        "gradient_times_input", inside('if __name__ == "__main__":', book.source("gradient_times_input"))
    )
    book.write(
        "rank_similarity",
        "import contextlib\n"
        + inside("with contextlib.suppress(ValueError):", book.source("rank_similarity")),
    )
