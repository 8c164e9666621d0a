"""The judge's side of a worker: what is asked, what is believed, and what happens when a worker ends."""

import numpy as np
import pytest

from autograder.judge.remote import Batch, Worker
from autograder.worker import Limits, WorkerDied
from coursekit import calling, wire
from coursekit.checks.student import Call, Ended

LOADED = {"ok": True, "defined": {"f": "filled"}, "failed": [], "notes": ["a note"], "output": ""}


class Session:
    """A worker that runs a function in this process, and ends where it is told to."""

    def __init__(self, zygote):
        self.zygote, self.kept, self.open, self.waiting = zygote, {}, True, {}

    def request(self, message, *, wall_s):
        assert self.open
        wire.pack(message)
        self.zygote.asked.append((message["op"], wall_s))
        fate = self.zygote.fates.pop(0) if self.zygote.fates else None
        if isinstance(fate, WorkerDied):
            self.open = False
            raise fate
        if fate is not None:
            return fate
        return getattr(self, message["op"])(message)

    def post(self, message, *, wall_s):
        self.waiting[len(self.waiting)] = (message, wall_s)
        return len(self.waiting) - 1

    def collect(self, number, *, wall_s):
        message, _ = self.waiting[number]
        return self.request(message, wall_s=wall_s)

    def load(self, message):
        self.zygote.loads.append(message)
        return LOADED

    def call(self, message):
        args, kwargs = wire.unpack_bytes(message["payload"], wire.TRUSTED, self.kept.__getitem__)
        return calling.call(self.zygote.function, args, kwargs, message["options"]).to_tree()

    def map(self, message):
        return {"ok": True, "answers": [self.call(one) for one in message["packed"]]}

    def keep(self, message):
        self.kept[message["id"]] = message["value"]
        return {"ok": True}

    def close(self):
        self.open = False


class Zygote:
    """Hands out such workers. ``fates``: for each request in turn a death, a reply, or None for an honest answer."""

    def __init__(self, function=lambda x: 2 * x, fates=(), births=()):
        self.function, self.fates, self.births = function, list(fates), list(births)
        self.asked, self.loads, self.sessions = [], [], []

    def session(self, limits):
        if self.births and (birth := self.births.pop(0)) is not None:
            raise birth
        self.sessions.append(Session(self))
        return self.sessions[-1]

    @property
    def operations(self):
        return [operation for operation, _ in self.asked]


def died(reason, progress=None):
    return WorkerDied(reason, f"it {reason}", progress)


def worker(zygote, **options):
    return Worker(zygote, [{"index": 3, "source": "..."}], {"f": "stub"}, Limits(), **options)


def ask(made, *args):
    return made.call(Call("f", args, {}))


def test_a_call_is_answered():
    zygote = Zygote()
    made = worker(zygote)
    assert ask(made, 4.0).value == 8.0
    assert made.loaded.defined == {"f": "filled"}
    assert made.loaded.notes == ["a note"]
    assert zygote.operations == ["load", "call"]
    assert [answer.value for answer in made.call_many([Call("f", (n,), {}) for n in (1.0, 2.0)])] == [
        2.0,
        4.0,
    ]


def test_each_call_has_the_exercises_own_limit():
    zygote = Zygote()
    made = worker(zygote)
    made.wall_s = 7.5
    ask(made, 1.0)
    assert zygote.asked[-1] == ("call", 7.5)


def test_an_object_is_kept_on_the_other_side():
    zygote = Zygote(lambda box: box.append(1) or len(box))
    made = worker(zygote)
    handle = made.keep([])
    assert [ask(made, handle).value for _ in range(2)] == [1, 2]


# ------------------------------------------------------------------------------------------- endings
@pytest.mark.parametrize(
    ("reason", "ends", "says"),
    [
        ("timeout", "timeout", "it timeout (limit of one call of this exercise)"),
        ("cpu", "timeout", "it cpu"),
        ("memory", "memory", "it memory"),
        ("crash", "crash", "it crash"),
        ("output", "output", "it output"),
        ("protocol", "protocol", "it protocol"),
        ("infra", "infra", "the sandbox failed: it infra"),
    ],
)
def test_a_worker_that_ends_is_told_and_replaced(reason, ends, says):
    zygote = Zygote(fates=[None, died(reason)])
    made = worker(zygote)
    with pytest.raises(Ended) as caught:
        ask(made, 1.0)
    assert (caught.value.reason, str(caught.value)) == (ends, says)
    with pytest.raises(Ended, match="the worker has ended"):
        ask(made, 1.0)
    made.revive()
    made.revive()
    assert ask(made, 1.0).value == 2.0
    assert zygote.operations == ["load", "call", "load", "call"]


def test_a_reply_that_is_no_answer_is_a_wire_error():
    made = worker(Zygote(fates=[None, {"value": 3}]))
    with pytest.raises(wire.WireError, match="the reply is no answer to a call"):
        ask(made, 1.0)


def test_the_time_of_one_submission_is_bounded():
    made = worker(Zygote(), budget_s=-1.0)
    with pytest.raises(Ended) as caught:
        ask(made, 1.0)
    assert caught.value.reason == "timeout"
    assert str(caught.value) == "stopped: the limit of -1 s for one submission was used up"


# ------------------------------------------------------------------------------------------- loading
def test_a_statement_that_ends_the_worker_is_left_out_and_noted():
    zygote = Zygote(fates=[died("timeout", [3, 0]), died("crash", [5, 2])])
    made = worker(zygote)
    assert made.loaded.notes == [
        "Cell 3: a statement was stopped after its time limit; the rest of the notebook was run without it.",
        "Cell 5: a statement ended the Python process; the rest of the notebook was run without it.",
        "a note",
    ]
    assert zygote.loads[-1]["skip"] == [[3, 0], [5, 2]]
    assert ask(made, 1.0).value == 2.0


def test_a_fresh_worker_leaves_the_same_statements_out():
    zygote = Zygote(fates=[died("crash", [3, 0]), None, died("timeout")])
    made = worker(zygote)
    with pytest.raises(Ended):
        ask(made, 1.0)
    made.revive()
    assert [load["skip"] for load in zygote.loads] == [[[3, 0]], [[3, 0]]]


def test_a_notebook_that_ends_every_worker_defines_nothing():
    made = worker(Zygote(fates=[died("crash", [n, 0]) for n in range(9)]))
    assert made.loaded.defined == {}
    assert made.loaded.notes[-1] == (
        "Too many statements of the notebook had to be stopped; the rest was not run."
    )
    assert len(made.loaded.notes) == 5


def test_a_notebook_that_ends_the_worker_before_its_first_statement():
    made = worker(Zygote(fates=[died("crash")]))
    assert made.loaded.defined == {}
    assert made.loaded.notes == ["The notebook's code could not be run; no function was found."]


@pytest.mark.parametrize("zygote", [Zygote(fates=[died("infra")]), Zygote(births=[died("infra")])])
def test_a_sandbox_that_fails_is_not_the_notebooks_fault(zygote):
    with pytest.raises(Ended, match="the sandbox failed: it infra") as caught:
        worker(zygote)
    assert caught.value.reason == "infra"


@pytest.mark.parametrize(
    "reply",
    [
        [],
        {},
        {"defined": 3, "failed": 4, "notes": 5, "output": 6, "forbidden": 7},
        {"defined": {1: "filled", "f": 2}, "failed": ["x"], "notes": [1, None], "forbidden": {"f": 3}},
    ],
)
def test_a_malformed_reply_to_a_load_defines_nothing(reply):
    loaded = worker(Zygote(fates=[reply])).loaded
    assert (loaded.defined, loaded.failed, loaded.notes, loaded.forbidden) == ({}, [], [], {})


def test_a_flood_in_a_reply_is_cut():
    flood = {"defined": {}, "failed": [{}] * 1000, "notes": ["x" * 9999] * 1000, "output": "y" * 99999}
    loaded = worker(Zygote(fates=[flood])).loaded
    assert (len(loaded.failed), len(loaded.notes), len(loaded.notes[0]), len(loaded.output)) == (
        100,
        50,
        500,
        4000,
    )


# ------------------------------------------------------------------------------------------- asking ahead
CALLS = [Call("f", (float(n),), {}) for n in range(3)]
OTHERS = [Call("f", (np.full(2, n),), {}) for n in (5.0, 6.0)]


def planned(zygote):
    made = worker(zygote)
    made.plan([Batch(CALLS, 4.0), Batch(OTHERS, 5.0)])
    return made


def values(made, calls):
    return [np.asarray(made.call(Call("f", tuple(c.arguments()[0]), {})).value).tolist() for c in calls]


def test_a_batch_is_one_exchange_and_the_next_is_under_way():
    zygote = Zygote()
    made = planned(zygote)
    made.ask_ahead(CALLS)
    assert values(made, CALLS) == [0.0, 2.0, 4.0]
    made.ask_ahead(OTHERS)
    assert values(made, OTHERS) == [[10.0, 10.0], [12.0, 12.0]]
    assert zygote.asked[1:] == [("map", 4.0), ("map", 5.0)]


def test_each_answer_is_given_out_once():
    zygote = Zygote()
    made = planned(zygote)
    made.ask_ahead(CALLS)
    assert values(made, [CALLS[1], CALLS[1]]) == [2.0, 2.0]
    assert zygote.operations[-1] == "call"


def test_another_call_is_asked_by_itself():
    zygote = Zygote()
    made = planned(zygote)
    made.ask_ahead(CALLS)
    assert ask(made, 9.0).value == 18.0
    assert made.call(Call("f", (1.0,), {}, {"grad": False})).value == 2.0
    assert zygote.operations.count("call") == 2


@pytest.mark.parametrize("reason", ["timeout", "crash", "memory", "infra"])
def test_a_batch_that_ends_the_worker_is_asked_one_by_one(reason):
    zygote = Zygote(fates=[None, died(reason)])
    made = planned(zygote)
    made.ask_ahead(CALLS)
    assert values(made, CALLS) == [0.0, 2.0, 4.0]
    assert len(zygote.sessions) == 2
    assert "call" in zygote.operations


@pytest.mark.parametrize("reply", [{}, {"answers": 3}, {"answers": []}, {"answers": [1, 2, 3]}])
def test_a_malformed_reply_to_a_batch_is_not_believed(reply):
    zygote = Zygote(fates=[None, reply])
    made = planned(zygote)
    made.ask_ahead(CALLS)
    assert values(made, CALLS) == [0.0, 2.0, 4.0]


def test_the_next_exercises_loop_does_not_touch_what_this_one_keeps():
    zygote = Zygote(lambda box: box.append(1) or len(box), fates=[None, {"answers": []}, died("timeout")])
    made = planned(zygote)
    made.ask_ahead(CALLS)
    handle = made.keep([])  # the batch of the next exercise ends its worker before this is sent
    assert [ask(made, handle).value for _ in range(3)] == [1, 2, 3]


def test_without_a_plan_nothing_is_asked_ahead():
    zygote = Zygote()
    made = worker(zygote)
    made.ask_ahead(CALLS)
    assert zygote.operations == ["load"]


def test_a_closed_worker_is_closed_twice_without_harm():
    zygote = Zygote()
    made = planned(zygote)
    made.ask_ahead(CALLS)
    made.close()
    made.close()
    assert not zygote.sessions[0].open
