"""Everything is indented with tabs."""


def case(book):
    for name in ("saliency", "integrated_gradients", "smoothgrad", "rank_similarity"):
        book.write(name, book.source(name).replace("    ", "\t"))
