"""Functions carry decorators of the student's own, one with functools.wraps and one without."""


def case(book):
    book.before(
        "saliency",
        "import functools, time\n\ndef timed(function):\n    @functools.wraps(function)\n    def inner(*args, **kwargs):\n        start = time.time()\n        result = function(*args, **kwargs)\n        print(time.time() - start)\n        return result\n    return inner\n\ndef plain(function):\n    return lambda *args, **kwargs: function(*args, **kwargs)",
    )
    book.write("saliency", "@timed\n" + book.source("saliency"))
    book.write("smoothgrad", "@plain\n@torch.enable_grad()\n" + book.source("smoothgrad"))
