"""All check, use and demo cells were deleted, and the set-up cell too."""


def case(book):
    book.delete("check", "use", "demo", "setup", "library", "real", "hints", "about", "text")
