"""Every function warns, in all the ways there are, and so does a cell."""


def case(book):
    book.edit(
        "saliency",
        "    maps = []\n",
        "    maps = []\n    warnings.warn('slow', RuntimeWarning)\n    np.log(np.zeros(2))\n",
    )
    book.edit(
        "rank_similarity", "    answer = []\n", "    answer = []\n    print('careful', file=sys.stderr)\n"
    )
    book.before(
        "saliency", "import sys\nimport warnings\nwarnings.simplefilter('always')\nnp.array([1.0]) / 0"
    )
