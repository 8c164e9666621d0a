"""Functions call helpers that the lesson's own demo cells define."""


def case(book):
    names = [
        name
        for name in ("widen", "attempt")
        if any(f"def {name}(" in "".join(c["source"]) for c in book.code)
    ]
    assert "attempt" in names
    book.edit(
        "saliency",
        "        score = model(one)[0, target[i]]\n",
        "        score = attempt(model, one)[0, target[i]]\n",
    )
