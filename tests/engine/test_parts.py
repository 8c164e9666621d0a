"""Parts, the mistakes that belong to them, alternatives and declarations."""

import inspect
import re

import pytest

from coursekit.checks import Part, alternative, axiom, convergence, family, forbid, limits


def reference(x, k=2):
    """A multiple of x, not less than 0."""
    if k < 0:
        raise ValueError("k")
    return max(0, k * x)


@pytest.mark.parametrize("points", [0, -1])
def test_a_part_needs_points(points):
    says = f"the part 'idea' needs points above 0, not {points}"
    with pytest.raises(ValueError, match=re.escape(says)):
        Part("idea", points)


def test_a_part_marks_its_tests_and_leaves_them_as_they_are():
    part = Part("idea", 3)

    @part
    def test_x(agrees):
        """Title"""

    assert [mark.args for mark in test_x.pytestmark] == [(part,)]
    assert inspect.signature(test_x).parameters.keys() == {"agrees"}
    assert repr(part) == "Part('idea', 3)"


def test_an_edit_makes_another_function_and_leaves_the_reference():
    part = Part("idea", 1)
    mistake = part.mistake("You forget the factor.", "k * x", "x")
    wrong = mistake.function(reference)
    assert (wrong(3), reference(3)) == (3, 6)
    assert inspect.signature(wrong) == inspect.signature(reference)
    with pytest.raises(ValueError, match="k"):
        wrong(1, -1)
    assert part.mistakes == [mistake]
    assert mistake.part is part


@pytest.mark.parametrize(("old", "count"), [("k", 8), ("no such text", 0)])
def test_an_edit_must_fit_exactly_one_place(old, count):
    mistake = Part("idea", 1).mistake("You forget it.", old, "y")
    found = inspect.getsource(reference).count(old)
    says = (
        f"the mistake 'You forget it.': {old!r} stands {found} times in reference; an edit must fit exactly "
        "one place. Give more of the line."
    )
    assert (found == 0) == (count == 0)
    with pytest.raises(ValueError, match=re.escape(says)):
        mistake.function(reference)


def test_an_edit_that_changes_nothing_is_refused_at_once():
    part = Part("idea", 1)
    says = "the mistake 'Same.' changes nothing: the old and the new text are equal."
    with pytest.raises(ValueError, match=re.escape(says)):
        part.mistake("Same.", "k * x", "k * x")
    assert part.mistakes == []


def test_a_whole_function_is_a_mistake_under_any_name():
    part = Part("idea", 1)

    @part.mistake("You return the input.")
    def whatever(x, k=2):
        return x

    (mistake,) = part.mistakes
    assert mistake.function(reference) is whatever
    assert whatever(4) == 4


def test_mistakes_keep_the_order_of_the_file():
    part = Part("idea", 1)
    part.mistake("One.", "k * x", "x")
    part.mistake("Two.")(lambda x: x)
    part.mistake("Three.", "max(0,", "max(1,")
    assert [mistake.says for mistake in part.mistakes] == ["One.", "Two.", "Three."]


def test_a_mistake_is_named_by_what_it_is_about_or_by_its_sentence():
    part = Part("idea", 1)
    assert part.mistake("You forget the factor k.", "k * x", "x").name == "You forget the factor k."
    named = part.mistake("You forget the factor k.", "k * x", "x", about="factor k")
    assert named.name == "factor k"
    assert repr(named) == "Mistake('factor k')"


@pytest.mark.parametrize(
    ("about", "sentence", "found"),
    [
        ("left end", "You take the LEFT end of each step.", True),
        ("end left", "the left one, at the end", True),
        ("left end", "You take the leftmost end.", False),
        ("left end", "You take the left.", False),
        ("steps + 1", "You divide by steps plus 1", True),
        ("x's sign", "Mind x's sign!", True),
        ("", "anything", True),
    ],
)
def test_a_sentence_mentions_an_idea_when_all_its_words_stand_in_it(about, sentence, found):
    assert Part("idea", 1).mistake("...", "a", "b", about=about).mentions(sentence) is found


def test_a_mistake_can_stand_in_for_another_part():
    one, other = Part("one", 1), Part("other", 2)
    mistake = one.mistake("You forget it.", "k * x", "x", about="it")
    moved = mistake.of_part(other)
    assert (moved.part, moved.says, moved.about) == (other, mistake.says, mistake.about)
    assert moved.function(reference)(3) == 3
    assert other.mistakes == []


def test_an_alternative_is_marked_and_unchanged():
    def way(x):
        return x

    assert alternative(way) is way
    assert way.is_alternative


def test_an_axiom_is_a_mark():
    @axiom("dummy")
    def test_x():
        """Title"""

    assert [(mark.name, mark.args) for mark in test_x.pytestmark] == [("axiom", ("dummy",))]


def test_declarations_hold_what_they_are_given():
    def make(rng, size):
        return (size,)

    assert limits(wall_s=3).wall_s == 3
    assert limits().memory_mb is None
    assert forbid("a.b", "c").names == ("a.b", "c")
    assert family(make).make(None, 2) == (2,)
    assert family(make).sizes == (1, 2, 3)
    drawn = convergence("steps", [2, 4], case=make, error=lambda args, answer: 0.0, slope=-2)
    assert (drawn.parameter, drawn.values, drawn.slope) == ("steps", (2, 4), -2)
