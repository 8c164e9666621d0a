"""display(), get_ipython(), IPython's own functions and widgets are used."""


def case(book):
    book.before(
        "saliency",
        "from IPython.display import display, HTML, clear_output, Markdown\ndisplay(HTML('<b>x</b>'))\nclear_output()\ndisplay(Markdown('**x**'))",
    )
    book.before(
        "saliency",
        "get_ipython().run_line_magic('matplotlib', 'inline')\nget_ipython().system('ls')\nimport IPython\nIPython.get_ipython().magic('time 1')\nif get_ipython().__class__.__name__ == 'ZMQInteractiveShell':\n    print('in a notebook')",
    )
    book.before(
        "smoothgrad",
        "import ipywidgets as widgets\nslider = widgets.IntSlider()\ndisplay(slider)\n_ + 1\nOut[3]\nIn[0]",
    )
    book.edit("smoothgrad", "    rows = []\n", "    rows = []\n    display(x.shape)\n")
