"""Scratch cells use common names for their own purposes: x, model, target, data, i, copy of the net."""


def case(book):
    book.before(
        "saliency",
        "x = 5\nmodel = 'mine'\ntarget = [1]\ndata = {}\ni = 0\nlist_of = [x]\nresult = None\nscore = 1",
    )
    book.after("smoothgrad", "del data\nname = 'x'\n_ = 3\nid_ = 4")
