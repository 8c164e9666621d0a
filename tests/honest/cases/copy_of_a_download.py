"""The browser saved a second download: the file is called `name (1).ipynb`."""

FILE = "02_gradient_attribution (1).ipynb"


def case(book):
    pass
