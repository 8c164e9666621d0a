"""Debug prints were left in every function and every loop."""

NAMES = ("saliency", "gradient_times_input", "integrated_gradients", "completeness_gap", "smoothgrad")


def case(book):
    for name in NAMES:
        source = book.source(name)
        head, body = source.rsplit('"""', 1)
        body = body.replace("len(x)):\n", "len(x)):\n        print('row', i, x[i].shape, end=' ')\n", 1)
        book.write(name, head + '"""\n    print("called with", x)' + body)
