"""Solution cells begin with %%time and %%capture; others are bash, HTML, JavaScript, LaTeX and timeit."""


def case(book):
    book.write("saliency", "%%time\n" + book.source("saliency"))
    book.write("smoothgrad", "\n%%capture out\n" + book.source("smoothgrad"))
    book.write("guided_backprop", "%%time\n%%capture\n" + book.source("guided_backprop"))
    book.before("saliency", "%%bash\nls -la\nfor f in *; do echo $f; done")
    book.before("saliency", "%%html\n<b>bold</b>")
    book.before("saliency", "%%javascript\nalert('hi');")
    book.before("saliency", "%%latex\n$x^2$")
    book.before("saliency", "%%timeit -n 3\nsum(range(10))")
    book.before("saliency", "%%script false\nwhile True: pass")
