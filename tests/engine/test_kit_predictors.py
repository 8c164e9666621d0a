"""Predictors: what each form computes, how it travels, what is refused, and that calls are noted."""

import itertools

import numpy as np
import pytest
import torch

from coursekit import registry, wire
from coursekit.calling import Answer, call
from coursekit.checks.play import play
from coursekit.checks.student import InProcess
from coursekit.models import mlp
from coursekit.models.trees import TreeArrays
from coursekit.predictors import MAX_DEPTH, Predictor, predictor
from coursekit.registry import Spec, SpecError
from coursekit.rng import Rng

INF = np.inf


def tree(columns=3, **options):
    names = ("children_left", "children_right", "feature", "threshold", "value")
    arrays = TreeArrays.random(4, 3, columns).as_arrays()
    return predictor("tree", **dict(zip(names, arrays, strict=True)), columns=columns, **options)


def examples():
    """One of each form, on three columns where it has a number of columns."""
    linear = predictor("linear", weights=[1.5, 0, -2], intercept=0.5)
    return {
        "linear": linear,
        "linear sigmoid": predictor("linear", output="logit", weights=[1.0, 2, 3], link="sigmoid"),
        "poly": predictor("poly", terms=[[2, []], [1.5, [0, 0]], [-1, [0, 2]]], columns=3, link="tanh"),
        "kink": predictor(
            "kink", weights=[0, 0, 1], directions=[[1, 0, 0], [0, -1, 1]], offsets=[0.5, 0], sizes=[2, -3]
        ),
        "net": predictor("net", net=mlp([3, 5, 2], "relu", 3), column=1),
        "tree": tree(),
        "table": predictor("table", values=np.arange(8.0) ** 2),
        "regions": predictor("regions", low=[[0, -INF, -INF]], high=[[INF, 1, INF]], inside=[4], outside=-1),
        "constant": predictor("constant", value=2.5),
        "ignore": predictor("ignore", of=predictor("linear", weights=[1, -1]), reads=[2, 0], columns=3),
        "labels": predictor("labels", of=linear, cuts=[-1, 1], labels=[7, 2, 9]),
        "labels of regions of a net": predictor(
            "labels", of=predictor("net", net=mlp([3, 2], "relu", 1)), cuts=[0], labels=[0, 1]
        ),
    }


# -------------------------------------------------------------------------------------- what they compute
def by_hand(name, x):
    a, b, c = x
    score = 1.5 * a - 2 * c + 0.5
    return {
        "linear": score,
        "linear sigmoid": 1 / (1 + np.exp(-(a + 2 * b + 3 * c))),
        "poly": np.tanh(2 + 1.5 * a * a - a * c),
        "kink": c + 2 * max(0, a - 0.5) - 3 * max(0, c - b),
        "table": ((a > 0.5) + 2 * (b > 0.5) + 4 * (c > 0.5)) ** 2,
        "regions": 4 if a > 0 and b <= 1 else -1,
        "constant": 2.5,
        "ignore": c - a,
        "labels": 7 if score <= -1 else 2 if score <= 1 else 9,
    }.get(name)


@pytest.mark.parametrize("name", list(examples()))
def test_every_form_computes_what_it_says(name):
    X = Rng(1).array(40, 3) * 2
    got = examples()[name](X)
    assert got.shape == (40,)
    assert got.dtype == (np.int64 if name.startswith("labels") else np.float64)
    if by_hand(name, X[0]) is not None:
        np.testing.assert_allclose(got, [by_hand(name, row) for row in X], rtol=1e-12, atol=1e-15)
    assert np.array_equal(examples()[name](X[3:4]), got[3:4])  # one row gets what it gets among many


def test_a_net_gives_one_column_of_its_output():
    net, X = mlp([3, 5, 2], "relu", 3), Rng(1).array(6, 3)
    want = net(torch.from_numpy(X))[:, 1].detach().numpy()
    np.testing.assert_allclose(examples()["net"](X), want, rtol=1e-12)
    single = mlp([3, 4, 2], "tanh", 3, dtype="float32")
    np.testing.assert_allclose(
        predictor("net", net=single)(X), single(torch.from_numpy(X).float())[:, 0].detach()
    )


def test_a_tree_is_scikit_learns():
    from sklearn.tree import DecisionTreeRegressor

    rng = Rng(2)
    X = rng.array(200, 3)
    model = DecisionTreeRegressor(max_depth=5, random_state=0).fit(X, X[:, 0] * X[:, 1])
    names = ("children_left", "children_right", "feature", "threshold", "value")
    arrays = dict(zip(names, TreeArrays.from_sklearn(model).as_arrays(), strict=True))
    new = rng.array(300, 3)
    new[0, arrays["feature"][0]] = np.float32(arrays["threshold"][0])
    np.testing.assert_array_equal(predictor("tree", **arrays, columns=3)(new), model.predict(new))
    edge = np.zeros((1, 3))
    edge[0, 0] = 0.5 + 1e-12
    stump = {"children_left": [1, -1, -1], "children_right": [2, -1, -1], "feature": [0, -2, -2]}
    stump |= {"threshold": [0.5, -2.0, -2.0], "value": [0.0, 1.0, 2.0], "columns": 3}
    assert predictor("tree", **stump)(edge) == 1
    assert predictor("tree", **stump, float32=False)(edge) == 2


@pytest.mark.parametrize("name", list(examples()))
def test_rows_are_left_alone_and_the_answer_is_new(name):
    X, model = Rng(1).array(5, 3), examples()[name]
    before = X.copy()
    model(X)[:] = 0
    assert np.array_equal(X, before)
    assert np.array_equal(model(X), model(before.tolist()))
    assert not np.array_equal(model(X), np.zeros(5)) or name == "labels of regions of a net"


# ------------------------------------------------------------------------------------------ how they travel
@pytest.mark.parametrize("name", list(examples()))
def test_the_same_predictor_arrives(name):
    model, X = examples()[name], Rng(1).array(20, 3)
    twin = wire.unpack_bytes(wire.pack_bytes(model))
    assert type(twin) is Predictor
    assert repr(twin) == repr(model)
    assert np.array_equal(twin(X), model(X))
    assert wire.pack_bytes(twin) == wire.pack_bytes(model)


def test_it_says_what_it_is():
    assert repr(examples()["linear"]) == "predictor('linear') of 3 columns: score"
    assert repr(examples()["linear sigmoid"]) == "predictor('linear') of 3 columns: logit"
    assert repr(examples()["constant"]) == "predictor('constant') of any number of columns: score"
    assert examples()["labels"].output == "label"
    assert "predictor" in registry.kinds()


def test_a_predictor_is_no_answer():
    with pytest.raises(wire.WireError, match="a model cannot be an answer"):
        wire.unpack_bytes(wire.pack_bytes(examples()["linear"]), wire.Bounds())


# --------------------------------------------------------------------------------------------- what is refused
@pytest.mark.parametrize(
    ("X", "says"),
    [
        (
            np.zeros(3),
            r"predict takes rows of numbers, shape \(n, d\), and got shape \(3,\); a single row x is x\[None\]",
        ),
        (np.zeros((2, 4)), r"predict was made for 3 columns, and got shape \(2, 4\)"),
        (np.zeros((0, 3)), r"predict needs at least one row, and got shape \(0, 3\)"),
        ("rows", "predict takes rows of numbers, .* and got a str"),
        ([[1, 2], [3]], "predict takes rows of numbers, .* and got a list"),
    ],
)
def test_rows_that_are_none(X, says):
    with pytest.raises(ValueError, match=says):
        examples()["linear"](X)


LINEAR = {"weights": [1.0, 2.0]}
REFUSED = [
    ("saliency", {}, "there is no predictor 'saliency'; there are 'linear', 'poly'"),
    (
        "linear",
        {},
        "predictor 'linear' is described by weights, intercept, link; missing a required argument",
    ),
    ("linear", LINEAR | {"bias": 1}, "got an unexpected keyword argument 'bias'"),
    (
        "linear",
        {"weights": [[1.0]]},
        r"weights must hold numbers of shape \(any\), not float64 of shape \(1, 1\)",
    ),
    ("linear", {"weights": ["a"]}, r"weights must hold numbers of shape \(any\)"),
    ("linear", {"weights": []}, r"weights must hold numbers of shape \(any\)"),
    ("linear", {"weights": [np.nan]}, "predictor 'linear': weights must be finite"),
    ("linear", LINEAR | {"intercept": INF}, "intercept must be a finite number, not 'inf'"),
    ("linear", LINEAR | {"intercept": True}, "intercept must be a finite number, not 'True'"),
    ("linear", LINEAR | {"link": "relu"}, "link must be identity or sigmoid or tanh, not 'relu'"),
    ("linear", LINEAR | {"output": "label?"}, "a predictor's output is called score or logit or label"),
    ("poly", {"terms": [[1.0, 2]], "columns": 3}, "terms must be a list of"),
    ("poly", {"terms": [[1.0, [3]]], "columns": 3}, "terms must name columns from 0 to 2, not '.3.'"),
    ("poly", {"terms": [], "columns": 0}, "columns must be a whole number from 1 to 10000, not '0'"),
    ("net", {"net": torch.nn.Linear(2, 1)}, "predictor 'net': net must be a Net, not a Linear"),
    ("table", {"values": [1.0, 2, 3]}, r"values must hold 2\*\*d numbers, d from 1 to 16; got 3"),
    ("regions", {"low": [[0, 1]], "high": [[1]], "inside": [1]}, r"high must hold numbers of shape \(1, 2\)"),
    ("ignore", {"of": 3, "reads": [0], "columns": 2}, "of must be a predictor, not a int"),
    (
        "ignore",
        {"of": predictor("linear", **LINEAR), "reads": [0], "columns": 2},
        "of must be made for 1 columns, not a predictor",
    ),
    (
        "labels",
        {"of": predictor("linear", **LINEAR), "cuts": [1, 1], "labels": [1, 2, 3]},
        "cuts must rise, and labels hold one whole number more than cuts",
    ),
    (
        "labels",
        {"of": predictor("linear", **LINEAR), "cuts": [1], "labels": [0.5, 1]},
        "labels must hold numbers",
    ),
    (
        "labels",
        {"of": predictor("linear", **LINEAR), "cuts": [1], "labels": [0, 1], "output": "score"},
        "called label",
    ),
]


@pytest.mark.parametrize(("form", "options", "says"), REFUSED)
def test_what_does_not_describe_one(form, options, says):
    with pytest.raises(SpecError, match=says):
        predictor(form, **options)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"children_left": [0, -1, -1]}, "a child must stand after its parent"),
        ({"children_right": [9, -1, -1]}, "a child must stand after its parent"),
        ({"feature": [3, -2, -2]}, "features must be columns from 0 to 2"),
        ({"threshold": [0.5, 1.0]}, r"threshold must hold numbers of shape \(3\)"),
        ({"float32": 1}, "float32 must be true or false"),
    ],
)
def test_trees_that_are_none(change, says):
    """Also what would walk for ever or out of the arrays: a spec may come from a stranger."""
    stump = {"children_left": [1, -1, -1], "children_right": [2, -1, -1], "feature": [0, -2, -2]}
    stump |= {"threshold": [0.5, -2.0, -2.0], "value": [0.0, 1.0, 2.0], "columns": 3}
    with pytest.raises(SpecError, match=says):
        predictor("tree", **stump | change)


@pytest.mark.parametrize(
    ("params", "weights", "says"),
    [
        (
            {"form": "linear"},
            {},
            "a predictor is described by its form, its output and its options; found form",
        ),
        ([], {}, "found list"),
        ({"form": "linear", "output": "score", "link": 1}, {"weights": np.ones(2)}, "link must be"),
        (
            {"form": "linear", "output": "score"},
            {"weights": np.ones(2), "more": np.ones(2)},
            "unexpected keyword",
        ),
        (
            {
                "form": "ignore",
                "output": "score",
                "reads": [0],
                "columns": 1,
                "of": {"kind": "no", "params": {}},
            },
            {},
            "no model or callable of kind 'no' is known",
        ),
    ],
)
def test_specs_of_strangers(params, weights, says):
    with pytest.raises(SpecError, match=says):
        registry.build(Spec("predictor", params, weights))


def test_predictors_do_not_stand_inside_one_another_without_end():
    model = predictor("constant", value=1)
    for _ in range(MAX_DEPTH - 1):
        model = predictor("ignore", of=model, reads=[0], columns=1)
    with pytest.raises(SpecError, match=f"at most {MAX_DEPTH} deep"):
        predictor("ignore", of=model, reads=[0], columns=1)
    spec = model.to_spec()
    params = {"form": "ignore", "output": "score", "reads": [0], "columns": 1}
    params["of"] = {"kind": "predictor", "params": spec.params}
    with pytest.raises(SpecError, match=f"at most {MAX_DEPTH} deep"):
        registry.build(Spec("predictor", params))


# ---------------------------------------------------------------------------------------------- calls are noted
def asks(predict, X):
    return float(predict(X).sum() + predict(X[:1]).sum())


def test_calls_are_noted_in_the_answer_and_travel_with_it():
    model, X = examples()["linear"], Rng(1).array(5, 3)
    answer = call(asks, [model, X])
    assert answer.asked.count == 2
    assert [(rows, dtype) for rows, dtype, _ in answer.asked.kept] == [(5, "float64"), (1, "float64")]
    assert answer.asked.kept[0][2] == answer.asked.kept[1][2]  # the same first row
    back = Answer.from_tree(wire.unpack_bytes(wire.pack_bytes(answer.to_tree())))
    assert back.asked == answer.asked
    assert "asked" not in call(lambda x: x, [1]).to_tree()


def test_a_flood_of_calls_costs_no_memory():
    answer = call(
        lambda predict, X: [predict(X) for _ in range(500)], [examples()["constant"], np.zeros((1, 1))]
    )
    assert answer.asked.count == 500
    assert len(answer.asked.kept) == 200


@pytest.mark.parametrize("asked", [["2"], [-1], [1, ["a", "f8", 3]], [1, 5], []])
def test_forged_notes_are_no_answer(asked):
    tree = call(asks, [examples()["linear"], np.zeros((2, 3))]).to_tree() | {"asked": asked}
    with pytest.raises(wire.WireError, match="no answer"):
        Answer.from_tree(tree)


def agree(agrees, rng):
    """The answers agree"""
    agrees(examples()["linear"], rng.array(4, 3))


@pytest.mark.parametrize(
    ("student", "says"),
    [
        (lambda predict, X: 0.0, "your function never calls predict; the value is off by"),
        (lambda predict, X: float(predict(X).sum()), "the value is off by"),
    ],
)
def test_a_function_that_never_calls_predict_is_told_so(student, says):
    from coursekit.checks.play import expand, test_of

    test = test_of(agree, expand(agree), "hidden")
    answerers = [InProcess({"asks": f}) for f in (student, asks)]
    outcome = play(test, test.cases[0], "asks", *answerers, Rng(1))
    assert outcome.status == "fail"
    assert outcome.message.startswith(says)
    assert outcome.discreet.startswith(says)


# ----------------------------------------------------------------------------------------------------- trees
@pytest.mark.parametrize(("depth", "features", "values"), list(itertools.product([0, 1, 5], [1, 3], [1, 4])))
def test_random_trees_are_full_and_every_leaf_is_met(depth, features, values):
    made = TreeArrays.random(3, depth, features, values, grid=2.0**-10)
    assert len(made.value) == 2 ** (depth + 1) - 1
    assert made.value.shape[1] == values
    inner = made.children_left >= 0
    assert inner.sum() == 2**depth - 1
    assert (made.children_left[inner] > np.flatnonzero(inner)).all()
    assert (made.threshold[inner].astype(np.float32) == made.threshold[inner]).all()
    X = Rng(1).uniform(4000, features, low=-1.0, high=1.0).numpy()
    arrays = dict(zip(made.as_dict(), made.as_dict().values(), strict=True))
    arrays["value"] = np.arange(len(inner), dtype=float)
    leaves = predictor("tree", **arrays, columns=features)(X)
    assert set(leaves.astype(int)) == set(np.flatnonzero(~inner))


def test_trees_of_scikit_learn_come_in_two_forms():
    from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

    X, rng = Rng(1).array(50, 2), Rng(2)
    classifier = DecisionTreeClassifier(max_depth=3, random_state=0).fit(X, rng.targets(50, 3).numpy())
    arrays = TreeArrays.from_sklearn(classifier).as_dict()
    assert list(arrays) == ["children_left", "children_right", "feature", "threshold", "value"]
    assert arrays["value"].shape == (classifier.tree_.node_count, 3)
    arrays["threshold"][:] = 0  # a copy: the tree is as it was
    assert classifier.tree_.threshold[0] != 0
    with pytest.raises(
        ValueError, match="this tree has 3 numbers at each node: the five-array form holds one"
    ):
        TreeArrays.from_sklearn(classifier).as_arrays()
    regressor = DecisionTreeRegressor(max_depth=2, random_state=0).fit(X, X[:, 0])
    assert [one.ndim for one in TreeArrays.from_sklearn(regressor.tree_).as_arrays()] == [1] * 5
    with pytest.raises(
        TypeError, match="takes one fitted decision tree of scikit-learn, not a DecisionTreeRegressor"
    ):
        TreeArrays.from_sklearn(DecisionTreeRegressor())
    with pytest.raises(ValueError, match="a random tree needs depth, features and values"):
        TreeArrays.random(1, 2, 0)
