"""Outputs of 40 MB were saved along: pictures and printed numbers."""


def case(book):
    cells = book.code[:8]
    for cell in cells:
        cell["outputs"] = [
            {
                "output_type": "display_data",
                "metadata": {},
                "data": {"image/png": "iVBORw0KGgo" + "A" * 2_500_000},
            },
            {"output_type": "stream", "name": "stdout", "text": ["0.123456789 " * 20 + "\n"] * 10_000},
        ]
