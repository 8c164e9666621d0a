"""The metadata name a kernel of the student's own machine and another version of Python."""


def case(book):
    book.tree["metadata"] = {
        "kernelspec": {
            "name": "conda-env-xai-py",
            "display_name": "Python [conda env:xai]",
            "language": "python",
        },
        "language_info": {"name": "python", "version": "3.13.1"},
        "vscode": {"interpreter": {"hash": "0"}},
    }
