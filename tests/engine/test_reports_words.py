"""Foreign text, numbers, rulers and maps: the small pieces that every report is made of."""

from __future__ import annotations

import base64
import io
import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from autograder.records import ExerciseResult, Picture, TestResult
from autograder.reports import markup, picture, text, words
from autograder.reports.ruler import measures, ruler

HIDDEN = ["\x00", "\x07", "\x1b", "\x7f", "\x9b", "\u202e", "\u2066", "\u200b", "\u00ad", "\ufeff", "\ud800"]


@pytest.mark.parametrize("hidden", HIDDEN)
def test_what_cannot_be_seen_is_shown_as_its_code(hidden):
    assert text.clean(f"a{hidden}.") == f"a[U+{ord(hidden):04X}]."


@pytest.mark.parametrize(
    "sequence",
    [
        "\x1b[31m",
        "\x1b[2J",
        "\x1b[1;5H",
        "\x9b31m",
        "\x1b]0;title\x07",
        "\x1b]8;;http://x\x1b\\",
        "\x1bc",
        "\x1b(B",
    ],
)
def test_terminal_sequences_are_taken_out(sequence):
    assert text.clean(f"a{sequence}b") == "ab"


def test_letters_of_every_script_stay():
    for name in ("José Ñandú", "李小龍", "עברית", "العربية", "नमस्ते", "👩‍👩‍👧"):
        assert text.clean(name) == name


def test_towers_of_marks_are_lowered():
    assert text.clean("o" + "\u0301" * 500) == "o" + "\u0301" * 3


def test_lines_become_one_line_and_endings_one_kind():
    assert text.line("a\r\n\tb\u2028c  d") == "a b c d"
    assert text.block("a\rb\r\nc") == "a\nb\nc"


def test_giants_are_cut_with_a_notice():
    assert text.line("x" * 1_000_000, 10) == "xxxxxxxxxx … (cut here: 999,990 more characters)"
    assert len(text.name("n" * 10_000)) < 130
    assert text.name(" \n ") == "(no name)"


@given(st.text())
def test_clean_text_has_no_control_and_is_stable(anything):
    once = text.clean(anything)
    assert text.clean(once) == once
    assert all(mark.isprintable() or mark == "\n" or mark.isspace() or ord(mark) > 0x2FF for mark in once)
    once.encode("utf-8")
    text.ascii_only(anything).encode("ascii")


def test_names_of_files():
    assert text.is_file_name("a..b")
    for bad in ("", ".", "..", "a/b", "a\\b", "a\0"):
        assert not text.is_file_name(bad)


@pytest.mark.parametrize(
    ("value", "shown"),
    [(0, "0"), (8.0, "8"), (20 / 3, "6.67"), (2.5, "2.5"), (100, "100"), (-1e-9, "0"), (None, "–")],
)
def test_points(value, shown):
    assert words.points(value) == shown


@pytest.mark.parametrize(
    ("value", "shown"),
    [(0, "0"), (0.0312, "0.031"), (1.0, "1"), (123.4, "123"), (3.14e-4, "3.1e-4"), (1e-8, "1e-8"), (2.5e12, "2.5e12")],
)  # fmt: skip
def test_numbers(value, shown):
    assert words.number(value) == shown


@pytest.mark.parametrize(
    ("ratio", "shown"),
    [(3.14, "3.1"), (2.0, "2"), (31.4, "31"), (4213, "4,200"), (31234, "31,000"), (999_600, "1 million"),
     (4.5e7, "45 million"), (1.2e9, "1.2 billion"), (7e13, "70 trillion"), (3e17, "3e17")],
)  # fmt: skip
def test_how_many_times(ratio, shown):
    assert words.times(ratio) == shown


def test_percentages_say_all_and_none_only_when_it_is_so():
    assert [words.percent(p) for p in (0, 0.001, 0.5, 0.999, 1)] == ["0 %", "< 1 %", "50 %", "99 %", "100 %"]


def test_titles_from_names():
    assert words.title_of("gradient_times_input") == "Gradient times input"
    assert words.split_lesson("02_gradient_attribution") == ("02", "Gradient attribution")
    assert words.split_lesson("project") == ("", "Project")


def test_every_status_that_loses_points_has_something_to_do_next():
    for status in words.STATUSES:
        result = ExerciseResult(name="f", score=0, max_score=1, status=status)
        expected = status not in ("pass", "skipped", "infra", "ungraded")
        assert bool(words.next_step(result)) == expected
        assert bool(words.why(result)) == (status != "pass")


def measured(error, allowed):
    status = "pass" if error is not None and allowed is not None and error <= allowed else "fail"
    return ruler(
        TestResult(
            id="t", part="", title="", points=0, score=0, status=status, max_abs_error=error, allowed=allowed
        )
    )


def test_ruler_puts_the_allowed_error_in_the_middle_and_a_decade_a_step():
    assert measured(1e-8, 1e-8).at == 50
    assert measured(1e-5, 1e-8).at == pytest.approx(50 + 3 * 50 / 10, abs=0.1)
    assert measured(1e-11, 1e-8).at == pytest.approx(50 - 3 * 50 / 10, abs=0.1)
    far = measured(1e9, 1e-8)
    assert (far.at, far.beyond, far.inside) == (100, True, False)


@pytest.mark.parametrize(
    ("error", "allowed", "says"),
    [
        (3.1e-4, 1e-8, "31,000 times the allowed error"),
        (2e-16, 1e-8, "50 million times smaller than allowed"),
        (0.0, 1e-8, "exactly the expected values"),
        (1.01e-8, 1e-8, "just outside the tolerance"),
        (0.99e-8, 1e-8, "just inside the tolerance"),
        (0.5, 0.0, "off by 0.5 where only equality passes"),
        (0.0, 0.0, "exactly equal, as asked"),
    ],
)
def test_ruler_says_the_margin(error, allowed, says):
    assert measured(error, allowed).says == says


def test_no_ruler_without_two_numbers():
    assert measured(None, 1.0) is None
    assert measured(1.0, None) is None
    assert measured(float("inf"), 1.0) is None


def test_no_ruler_where_the_values_agree_and_the_test_failed():
    shown = {"id": "t", "part": "", "title": "", "points": 1, "max_abs_error": 0.0, "allowed": 1e-8}
    assert ruler(TestResult(score=0, status="fail", **shown)) is None
    assert ruler(TestResult(score=1, status="pass", **shown)) is not None


def test_other_measures_are_said():
    test = TestResult(
        id="t", part="", title="", points=0, score=0, status="fail", outside=0.125, max_rel_error=0.5, worst_index=[1, 2]
    )  # fmt: skip
    assert measures(test) == [
        "12 % of the values are out of tolerance",
        "largest relative error 0.5",
        "worst at index (1, 2)",
    ]


@pytest.mark.parametrize(
    ("source", "html", "plainly"),
    [
        ("a $x = 2$", 'a <span class="math"><i>x</i> = 2</span>', "a x = 2"),
        (r"$\mathrm{ReLU}(1 - x)$", '<span class="math">ReLU(1 − <i>x</i>)</span>', "ReLU(1 − x)"),
        (r"$\tfrac12 \cdot x_i^{2}$", '<span class="math">1/2 · <i>x</i><sub><i>i</i></sub><sup>2</sup></span>',
         "1/2 · x_i^2"),
        (r"$\frac{\partial f}{\partial x}$", '<span class="math">(∂<i>f</i>)/(∂<i>x</i>)</span>', "(∂f)/(∂x)"),
        ("**any** *one* w*x*y", "<strong>any</strong> <em>one</em> w*x*y", "any one w*x*y"),
        ("`a < b`", "<code>a &lt; b</code>", "`a < b`"),
        ("<b> & $<i>$", '&lt;b&gt; &amp; <span class="math">&lt;<i>i</i>&gt;</span>', "<b> & <i>"),
        ("costs $5 and $6", "costs $5 and $6", "costs $5 and $6"),
        ("one\ntwo\n\nthree", "one two<br><br>\nthree", "one two\n\nthree"),
    ],
)  # fmt: skip
def test_markup_of_questions(source, html, plainly):
    assert str(markup.rich_text(source)) == html
    assert markup.plain(source) == plainly


@given(st.text(alphabet="ab<>&\"'`$*_^{}\\ \n\x1b\u202e"))
def test_no_markup_gets_through_the_markup(anything):
    left = re.sub(
        r"</?(?:strong|em|code|i|sub|sup|span|br)(?: class=\"math\")?>", "", markup.rich_text(anything)
    )
    assert "<" not in left
    assert ">" not in left
    assert "\x1b" not in left


def coded(plane) -> str:
    return base64.b64encode(np.asarray(plane, dtype=np.uint8).tobytes()).decode()


def pixels(url: str) -> np.ndarray:
    data = base64.b64decode(url.removeprefix("data:image/png;base64,"))
    return np.asarray(Image.open(io.BytesIO(data)).convert("RGB"))


def test_a_map_is_a_png_of_its_own_size_white_at_zero():
    values = np.array([[0, 64, 128], [191, 255, 128]])
    drawn = picture.draw(Picture(height=2, width=3, low=-1.0, high=1.0, signed=True, yours=coded(values)))
    assert [plane.title for plane in drawn.planes] == ["Yours"]
    image = pixels(drawn.planes[0].src)
    assert image.shape == (2, 3, 3)
    blue, white, orange = image[0, 0].astype(int), image[0, 2].astype(int), image[1, 1].astype(int)
    assert blue[2] > blue[0] + 60
    assert orange[0] > orange[2] + 60
    assert white.min() > 235


def test_zero_is_white_where_the_range_is_lopsided():
    palette = picture.value_palette(-1.0, 3.0, True)
    zero = round(255 / 4)
    assert min(palette[3 * zero : 3 * zero + 3]) > 235
    assert [place for _, _, place in picture.draw(
        Picture(height=1, width=1, low=-1.0, high=3.0, signed=True, yours=coded([[0]]))
    ).scale] == [0, 25, 100]  # fmt: skip


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        (lambda e: None, "every pixel is within tolerance"),
        (lambda e: e.__setitem__((slice(None), 5), 3), "12 of 192 pixels (6 %) are out of tolerance, all of them by "
         "10 % to 100 % of the map’s scale, in the whole column 5"),
        (lambda e: e.__setitem__(2, 1), "in the whole row 2"),
        (lambda e: e.__setitem__((slice(8, 12), slice(11, 16)), 2), "mostly in the lower right"),
        (lambda e: e.__setitem__((slice(4, 8), slice(6, 10)), 4), "mostly in the centre"),
        (lambda e: e.__setitem__((slice(None, None, 3), slice(None, None, 3)), 1), "spread over the map"),
        (lambda e: e.fill(2), "every pixel is out of tolerance"),
    ],
)  # fmt: skip
def test_the_error_map_is_said_in_words(wrong, says):
    error = np.zeros((12, 16), dtype=np.uint8)
    wrong(error)
    drawn = picture.draw(Picture(height=12, width=16, low=0, high=0, signed=True, error=coded(error)))
    assert says in drawn.planes[0].alt
    assert "hidden" in drawn.notice
    assert sum(band.pixels for band in drawn.bands) == 192


def test_value_maps_are_said_in_words():
    values = np.full((9, 9), 128)
    values[:3, 6:] = 255
    drawn = picture.draw(Picture(height=9, width=9, low=-1.0, high=1.0, signed=True, expected=coded(values)))
    assert drawn.planes[0].alt.startswith("Expected map, 9 by 9: values from ")
    assert drawn.planes[0].alt.endswith("strongest in the upper right.")


@pytest.mark.parametrize(
    "bad",
    [
        {"height": 0},
        {"width": -1},
        {"height": 10**6, "width": 10**6},
        {"yours": "not base64!"},
        {"yours": coded([1, 2, 3])},
        {"low": float("nan")},
    ],
)
def test_pictures_that_hold_no_map_are_left_out(bad):
    fields = {
        "height": 2,
        "width": 2,
        "low": 0.0,
        "high": 1.0,
        "signed": False,
        "yours": coded([[0, 1], [2, 3]]),
    }
    assert picture.draw(Picture(**fields)) is not None
    assert picture.draw(Picture(**(fields | bad))) is None


@pytest.mark.parametrize(("height", "width"), [(1, 1), (1, 512), (300, 1), (12, 16), (64, 64), (1000, 1000)])
def test_maps_of_any_shape_get_a_size_that_can_be_seen(height, width):
    plane = coded(np.zeros((height, width)))
    drawn = picture.draw(Picture(height=height, width=width, low=0, high=1, signed=False, yours=plane))
    shown_width, shown_height = drawn.size
    assert 16 <= shown_width <= 320
    assert 16 <= shown_height <= 480
