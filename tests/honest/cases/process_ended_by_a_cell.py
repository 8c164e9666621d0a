"""A scratch cell ends the whole process with os._exit and another kills the kernel."""

SAYS = "a statement ended the Python process"


def case(book):
    book.before("saliency", "import os\nos._exit(1)")
    book.before("smoothgrad", "import os, signal\nos.kill(os.getpid(), signal.SIGTERM)")
