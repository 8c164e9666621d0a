"""Line magics and shell lines stand between statements, also inside a solution cell and in blocks."""


def case(book):
    book.write(
        "saliency",
        "%load_ext autoreload\n%autoreload 2\n!pip install captum\n"
        + book.source("saliency")
        + "\n\n%timeit sum(range(3))\nsaliency?",
    )
    book.before(
        "saliency",
        "files = !ls\nwhere = %pwd\nif True:\n    !pip install -q seaborn\n    %time total = 1 + 1\nprint(total)",
    )
    book.before(
        "smoothgrad",
        "?np.mean\nnp.mean??\n%env OMP_NUM_THREADS=4\n%who\n%config InlineBackend.figure_format = 'retina'",
    )
    book.write("smoothgrad", "%pip install torch \\\n    torchvision\n" + book.source("smoothgrad"))
