"""Seeds and switches of all kinds are set at the top."""


def case(book):
    book.before(
        "saliency",
        "import random\nrandom.seed(0)\nnp.random.seed(0)\ntorch.manual_seed(0)\ntorch.cuda.manual_seed_all(0)\ntorch.use_deterministic_algorithms(True)\ntorch.set_printoptions(precision=3)\nnp.set_printoptions(suppress=True)\ntorch.backends.cudnn.benchmark = False\ntorch.set_num_threads(4)\ndevice = torch.device('cuda' if torch.cuda.is_available() else 'cpu')",
    )
    book.edit(
        "saliency",
        "        one.requires_grad = True\n",
        "        one = one.to(device)\n        one.requires_grad = True\n",
    )
