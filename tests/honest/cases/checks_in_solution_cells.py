"""Solution cells call check, kit's plots and the lesson's pictures right below the function."""


def case(book):
    book.write(
        "saliency",
        book.source("saliency")
        + "\n\ncheck(saliency)\nkit.show_maps(saliency(net, x, y)[:4])\nprint(share(saliency(net, x, y), glyph))",
    )
    book.write("smoothgrad", book.source("smoothgrad") + "\n\nif check(smoothgrad):\n    print('ok')")
