"""Everything is imported with a star."""


def case(book):
    book.before(
        "saliency",
        "from torch.nn.functional import *\nfrom math import *\nfrom scipy.stats import *\nfrom coursekit import *\nfrom torch.nn import *",
    )
    book.before("smoothgrad", "from builtins import *")
