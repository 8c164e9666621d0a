"""Emoji in texts, a byte order mark at the top, and letters of other scripts as names."""


def case(book):
    book.edit(
        "saliency",
        "    maps = []\n",
        "    maps = []\n    print('🎉 готово 完成', flush=True)\n    π = 3.14\n    変数 = π\n",
    )
    return b"\xef\xbb\xbf" + book.data()
