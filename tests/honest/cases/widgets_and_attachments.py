"""Widget states, attachments, slides and tags of other programs are in the file."""


def case(book):
    book.tree["metadata"]["widgets"] = {
        "application/vnd.jupyter.widget-state+json": {
            "state": {f"w{i}": {"model": {"a": [i] * 50}} for i in range(200)},
            "version_major": 2,
        }
    }
    for cell in book.cells:
        cell["metadata"] |= {
            "slideshow": {"slide_type": "slide"},
            "tags": ["hide-input"],
            "execution": {"iopub.status.busy": "2026-01-01"},
        }
        if cell["cell_type"] == "markdown":
            cell["attachments"] = {"a.png": {"image/png": "AAAA"}}
