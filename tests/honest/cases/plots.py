"""Pictures are drawn in cells, and one inside a graded function, and saved to a file."""


def case(book):
    book.before(
        "saliency", "%matplotlib inline\nimport matplotlib.pyplot as plt\nplt.plot([1, 2]); plt.show()"
    )
    book.edit(
        "saliency",
        "    return torch.stack(maps)",
        "    plt.figure()\n    plt.imshow(maps[0].reshape(len(maps[0]), -1))\n    plt.savefig('map.png')\n    plt.show()\n    plt.close()\n    return torch.stack(maps)",
    )
    book.after(
        "saliency",
        "fig, axes = plt.subplots(3, 3)\nfor ax in axes.flat:\n    ax.plot(np.random.rand(50));\nplt.tight_layout()\nplt.savefig('grid.pdf')",
    )
