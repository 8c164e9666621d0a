"""Cells of the student's own test the functions; some of the tests fail."""


def case(book):
    book.after(
        "saliency",
        "def test_saliency():\n    torch.manual_seed(0)\n    model = nn.Sequential(nn.Linear(4, 3))\n    x = torch.rand(2, 4)\n    out = saliency(model, x, torch.tensor([0, 1]))\n    assert out.shape == (2, 4)\n    torch.testing.assert_close(out[0], model[0].weight[0].abs())\n\ntest_saliency()\nassert False, 'think about this again'",
    )
    book.last(
        "import unittest\n\nclass T(unittest.TestCase):\n    def test(self):\n        self.assertEqual(1, 2)\n\nunittest.main(argv=[''], exit=False)\nimport pytest\n!pytest"
    )
