"""tqdm bars and a logger run inside functions."""


def case(book):
    book.before(
        "saliency",
        "from tqdm.auto import tqdm, trange\nimport logging\nlogging.basicConfig(level=logging.DEBUG)\nlog = logging.getLogger('me')",
    )
    book.edit(
        "saliency",
        "    for i in range(x.shape[0]):\n",
        "    log.info('start')\n    for i in tqdm(range(x.shape[0])):\n",
    )
