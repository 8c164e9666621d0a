"""Cells read files that are not there, download data, start programs and threads."""


def case(book):
    book.before(
        "saliency",
        "import urllib.request\nurllib.request.urlretrieve('https://example.org/a.csv', 'a.csv')\nimport pandas as pd\nframe = pd.read_csv('a.csv')\nopen('notes.txt').read()",
    )
    book.before(
        "saliency",
        "import subprocess, threading, multiprocessing\nsubprocess.run(['ls'])\nthreading.Thread(target=print).start()\nwith open('own.txt', 'w') as f:\n    f.write('x' * 1000)",
    )
    book.before(
        "saliency", "state = torch.hub.load('pytorch/vision', 'resnet18')\nmodel = torch.load('model.pt')"
    )
