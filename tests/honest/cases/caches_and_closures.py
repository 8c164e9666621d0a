"""A helper has functools.lru_cache, functions are nested, one calls itself, one keeps a count in a global."""


def case(book):
    book.before(
        "rank_similarity",
        "import functools\n\ncalls = 0\n\n@functools.lru_cache(maxsize=None)\ndef middle_of(n):\n    return (n + 1) / 2 if n < 2 else middle_of(n - 1) + 0.5\n\ndef counted():\n    global calls\n    calls += 1\n    return calls",
    )
    book.edit(
        "rank_similarity",
        "    answer = []\n",
        "    answer = []\n    counted()\n    total = 0\n\n    def add():\n        nonlocal total\n        total += 1\n\n    add()\n",
    )
    book.edit(
        "rank_similarity", "        middle = (len(p) + 1) / 2\n", "        middle = middle_of(len(p))\n"
    )
