"""One call of a function: what it returns, what is noted, and what is believed of a reply."""

import random
import sys

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from coursekit import calling, wire
from coursekit.calling import Answer, Failure, call
from coursekit.watch import tracing, watch


def test_a_value_comes_back_with_its_facts():
    answer = call(lambda x: 2 * x, [torch.ones(2)])
    assert answer.ok
    assert torch.equal(answer.value, torch.full((2,), 2.0))
    assert answer.kind == "Tensor"
    assert not answer.requires_grad
    assert answer.changed == []
    assert answer.cpu_s >= 0
    assert 0 < answer.wall_s < 60


def test_keyword_arguments_arrive_under_their_names():
    assert call(lambda a, *, b: (a, b), [1], {"b": 2}).value == (1, 2)


def test_an_attached_result_is_noted():
    assert call(lambda x: x * 2, [torch.ones(2, requires_grad=True)]).requires_grad


def test_a_call_without_gradients():
    answer = call(lambda x: x * 2, [torch.ones(2, requires_grad=True)], options={"grad": False})
    assert not answer.requires_grad
    assert answer.changed == []


def raises_deeply(x):
    def inner():
        raise KeyError("nothing here")

    return inner()


def test_an_error_is_data():
    answer = call(raises_deeply, [1])
    assert not answer.ok
    assert answer.value is None
    error = answer.error
    assert error.name == "KeyError"
    assert error.is_a("KeyError")
    assert error.is_a("LookupError")
    assert not error.is_a("ValueError")
    assert error.message == "'nothing here'"
    assert str(error) == "KeyError: 'nothing here'"
    assert error.lines[-1].endswith('raise KeyError("nothing here")')
    assert error.lines[0].endswith("return inner()")


def test_lines_of_libraries_are_not_the_callers_own():
    error = call(lambda x: torch.nn.Linear(2, 2)(x), [torch.ones(3)]).error
    assert len(error.lines) == 1
    assert "torch.nn.Linear(2, 2)(x)" in error.lines[0]


def test_a_long_message_is_cut_and_a_broken_one_is_empty():
    class Silent(Exception):
        def __str__(self):
            raise RuntimeError("no")

    def long():
        raise ValueError("x" * 5000)

    def silent():
        raise Silent

    assert call(long, []).error.message == "x" * 1000
    assert str(call(silent, []).error) == "Silent"


def test_only_the_asked_exceptions_are_answers():
    def stop():
        raise KeyboardInterrupt

    def leave():
        sys.exit(3)

    with pytest.raises(KeyboardInterrupt):
        call(stop, [])
    with pytest.raises(SystemExit):
        call(leave, [])
    assert call(leave, [], catch=BaseException).error.name == "SystemExit"


def test_a_class_and_a_builtin_can_be_called():
    assert call(dict, [[("a", 1)]]).value == {"a": 1}
    assert call(len, [[1, 2]]).value == 2


def test_changed_arguments_are_named_as_the_signature_names_them():
    def spoil(first, second, *rest):
        for value in (second, *rest):
            value += 1

    answer = call(spoil, [np.zeros(1), np.zeros(1), np.zeros(1)])
    names = [change.says.split(" ")[0] for change in answer.changed]
    assert names == ["second", "argument"]
    assert answer.changed[1].says.startswith("argument 3 has other values")
    keyword = call(lambda **kwargs: kwargs["weights"].fill(2), [], {"weights": np.zeros(1)})
    assert keyword.changed[0].says.startswith("weights has other values")


def test_what_a_function_changed_before_it_raised_is_reported_too():
    def spoil(x):
        x += 1
        raise ValueError

    answer = call(spoil, [np.zeros(2)])
    assert answer.error.name == "ValueError"
    assert [change.kind for change in answer.changed] == ["argument"]


def test_a_model_that_was_taken_apart_is_a_change_and_no_crash():
    def wreck(model):
        model._modules = None

    (change,) = call(wreck, [torch.nn.Sequential(torch.nn.ReLU())]).changed
    assert change.kind == "structure"
    assert change.says == (
        "an argument is in such a state after the call that it cannot be looked at: work on a copy."
    )


@pytest.mark.parametrize(
    "draw",
    [
        random.random,
        np.random.random,
        lambda: np.random.random(312),  # as many words as the generator makes at a time
        lambda: [random.getrandbits(32) for _ in range(624)],
        lambda: float(torch.rand(())),
        lambda: torch.rand(312),
    ],
)
def test_random_numbers_are_the_same_in_every_call(draw):
    first, second = call(draw, []), call(draw, [])
    assert np.array_equal(first.value, second.value)


def test_prints_are_kept_up_to_a_length():
    def chatter():
        for _ in range(1000):
            print("hello")
        print("oops", file=sys.stderr)

    answer = call(chatter, [])
    assert answer.output.startswith("hello\nhello\n")
    assert len(answer.output) == 4000
    assert call(lambda: print("one") or 1, []).output == "one\n"


def test_named_intermediates_are_kept_when_asked_for():
    def steps(x):
        return watch("double", 2 * x) + 1

    assert call(steps, [3], options={"trace": True}).trace == [("double", 6)]
    assert call(steps, [3]).trace == []
    assert steps(3) == 7


def test_tracing_is_bounded_and_ends_with_its_block():
    with tracing() as trace:
        for number in range(1500):
            watch("n", number)
    watch("late", 1)
    assert len(trace) == 1000
    assert trace[-1] == ("n", 999)


# ------------------------------------------------------------------------------------------- on the wire
def test_an_answer_survives_the_wire():
    def function(x):
        x += 1
        print("hi")
        return {"a": x, 1: (None, [2.5])}

    sent = call(function, [np.zeros(2)])
    got = Answer.from_tree(wire.unpack_bytes(b"".join(calling.packed(sent)), wire.Bounds()))
    assert got.value.keys() == {"a", 1}
    np.testing.assert_array_equal(got.value["a"], np.ones(2))
    assert (got.kind, got.output, got.changed) == ("dict", "hi\n", sent.changed)
    assert (got.wall_s, got.cpu_s) == (sent.wall_s, sent.cpu_s)


def test_an_error_survives_the_wire():
    sent = call(raises_deeply, [1])
    assert Answer.from_tree(wire.unpack_bytes(b"".join(calling.packed(sent)))).error == sent.error


@pytest.mark.parametrize(
    ("value", "says"),
    [
        ({1, 2}, "a set cannot be passed on"),
        (object(), "a object cannot be passed on"),
        (lambda: None, "a function cannot be passed on"),
        ((n for n in ()), "a generator cannot be passed on"),
        (2**70, "the whole number of 71 bits does not fit into 64 bits"),
    ],
)
def test_a_value_that_cannot_travel_becomes_an_error_that_names_it(value, says):
    answer = Answer.from_tree(wire.unpack_bytes(b"".join(calling.packed(Answer(value=value)))))
    assert answer.value is None
    assert answer.error.name == "UnsendableAnswer"
    assert says in answer.error.message


GOOD = call(lambda x: x, [1.5]).to_tree()


def test_a_whole_reply_is_an_answer():
    assert Answer.from_tree(GOOD).value == 1.5


@pytest.mark.parametrize("key", GOOD)
def test_a_reply_without_one_of_its_parts_is_none(key):
    with pytest.raises(wire.WireError, match="the reply is no answer to a call"):
        Answer.from_tree({k: v for k, v in GOOD.items() if k != key})


_json = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | st.floats() | st.text(max_size=3) | st.just(np.zeros(2)),
    lambda inner: st.lists(inner, max_size=4)
    | st.dictionaries(st.text(max_size=3), inner, max_size=3)
    | st.tuples(inner),
    max_leaves=8,
)


@settings(max_examples=200, deadline=None)
@given(st.fixed_dictionaries({}, optional={key: _json for key in GOOD if key != "value"}))
def test_a_malformed_reply_is_refused_or_holds_what_it_must(parts):
    try:
        answer = Answer.from_tree({**GOOD, **parts})
    except wire.WireError:
        return
    assert answer.error is None or isinstance(answer.error, Failure)
    assert all(type(text) is str for text in (answer.kind, answer.output))
    assert type(answer.requires_grad) is bool
    assert 0 <= answer.wall_s < 1e9
    assert all(type(change.says) is str and type(change.kind) is str for change in answer.changed)
    assert all(type(name) is str for name, _ in answer.trace)


@settings(max_examples=100, deadline=None)
@given(_json)
def test_anything_else_is_no_answer(tree):
    with pytest.raises(wire.WireError):
        Answer.from_tree(tree)


def test_a_flood_of_changes_and_text_is_cut():
    flood = {**GOOD, "changed": [["argument", "x"]] * 1000, "output": "y" * 10**6, "kind": "k" * 10**6}
    answer = Answer.from_tree(flood)
    assert len(answer.changed) == 50
    assert len(answer.output) == 4000
    assert len(answer.kind) == 16000
