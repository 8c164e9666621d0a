"""Cells await at top level, also the cell of a solution."""


def case(book):
    book.before(
        "saliency",
        "import asyncio\nawait asyncio.sleep(0)\nasync def wait():\n    await asyncio.sleep(0)\nawait wait()",
    )
    book.write(
        "smoothgrad",
        book.source("smoothgrad")
        + "\n\nimport asyncio\nawait asyncio.sleep(0.01)\nresult = await asyncio.gather()",
    )
    book.before("guided_backprop", "async with something() as s:\n    pass\nasync for a in b:\n    pass")
