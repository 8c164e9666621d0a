"""Lesson 01: every reference against shap, scikit-learn, fairlearn, torch's autograd or drawn ink."""

import numpy as np
import pytest
import torch

from coursekit import Rng, TreeArrays, make_watermark, mlp, predictor
from reference_impl import interpretability_foundations as reference

SEEDS = [1, 2, 3]


def labelled(seed, n=120, d=5, classes=3):
    """Rows of unlike scale and random labels: a tree fitted to them is deep and asks everything repeatedly."""
    rng = Rng(seed, 1)
    X = (rng.array(n, d) + rng.array(d)) * np.linspace(0.1, 30, d)
    return X, rng.targets(n, classes).numpy(), rng


# ----------------------------------------------------------------------------------- linear contributions
@pytest.mark.parametrize("rows", [7, 150])  # shap would keep only 100 rows of a background
@pytest.mark.parametrize("seed", SEEDS)
def test_linear_contributions_are_shaps(seed, rows):
    shap = pytest.importorskip("shap", reason="shap is not installed: pip install shap")
    rng = Rng(seed, 2)
    weights, X, background = rng.array(6), rng.array(9, 6), (rng.array(rows, 6) + 1) ** 3
    masker = shap.maskers.Independent(background, max_samples=len(background))
    explainer = shap.LinearExplainer((weights, 0.7), masker)
    base, contributions = reference.linear_contributions(weights, 0.7, X, background)
    np.testing.assert_allclose(contributions, explainer.shap_values(X), atol=1e-8)
    np.testing.assert_allclose(base, explainer.expected_value, atol=1e-8)


# ------------------------------------------------------------------------------------------ decision rule
@pytest.mark.parametrize("seed", SEEDS)
def test_decision_rule_is_scikit_learns_path_and_prediction(seed):
    from sklearn.tree import DecisionTreeClassifier

    X, y, rng = labelled(seed)
    tree = DecisionTreeClassifier(max_depth=6, random_state=0).fit(X, y)
    arrays = TreeArrays.from_sklearn(tree).as_dict()
    new = X[rng.permutation(len(X)).numpy()[:40]] + 0.3 * rng.array(40, 5)
    on_a_threshold = new[0].copy()
    on_a_threshold[arrays["feature"][0]] = np.float32(arrays["threshold"][0])
    for x in [*new, on_a_threshold]:
        got = reference.decision_rule(arrays, x)
        assert got["path"] == sorted(tree.decision_path(x[None]).indices.tolist())
        assert got["path"][-1] == tree.apply(x[None])[0]
        assert got["prediction"] == tree.predict(x[None])[0]


@pytest.mark.parametrize("seed", SEEDS)
def test_the_rule_holds_exactly_for_the_rows_of_its_leaf(seed):
    from sklearn.tree import DecisionTreeClassifier

    X, y, rng = labelled(seed)
    tree = DecisionTreeClassifier(max_depth=6, random_state=0).fit(X, y)
    arrays = TreeArrays.from_sklearn(tree).as_dict()
    many = X[rng.integers(0, len(X), 4000).numpy()] + 5 * rng.array(4000, 5) * X.std(axis=0) / 10
    as_stored = many.astype(np.float32).astype(np.float64)
    leaves = tree.apply(many)
    for x in X[:12]:
        got = reference.decision_rule(arrays, x)
        holds = np.ones(len(many), dtype=bool)
        for feature, low, high in got["rule"]:
            holds &= (low < as_stored[:, feature]) & (as_stored[:, feature] <= high)
        assert (holds == (leaves == got["path"][-1])).all()
        assert len(got["rule"]) == len({int(arrays["feature"][node]) for node in got["path"][:-1]})


# --------------------------------------------------------------------------------------------- neighbours
@pytest.mark.parametrize("k", [1, 4, 120])
@pytest.mark.parametrize("seed", SEEDS)
def test_knn_explanation_is_scikit_learns(seed, k):
    from sklearn.neighbors import KNeighborsClassifier
    from sklearn.preprocessing import StandardScaler

    X, y, rng = labelled(seed)
    y = np.array([3, 7, 12])[y]
    scaler = StandardScaler().fit(X)
    model = KNeighborsClassifier(k, algorithm="kd_tree").fit(scaler.transform(X), y)
    for x in X[:5] + rng.array(5, 5):
        got = reference.knn_explanation(X, y, x, k)
        row = scaler.transform(x[None])
        distances, indices = model.kneighbors(row)
        np.testing.assert_allclose(got["distances"], distances[0], rtol=1e-9)
        assert got["indices"].tolist() == indices[0].tolist()
        np.testing.assert_allclose(got["vote_shares"], model.predict_proba(row)[0], atol=1e-12)
        assert got["prediction"] == model.predict(row)[0]
        gaps = (scaler.transform(X[indices[0]]) - row) ** 2
        np.testing.assert_allclose(got["feature_shares"], gaps / distances[0][:, None] ** 2, rtol=1e-9)


# --------------------------------------------------------------------------------------------- surrogates
@pytest.mark.parametrize("ridge", [0.0, 2.5, 1e12])
@pytest.mark.parametrize("seed", SEEDS)
def test_surrogate_fidelity_is_ridge_and_r2_score(seed, ridge):
    from sklearn.linear_model import Ridge
    from sklearn.metrics import r2_score

    rng = Rng(seed, 3)
    black_box = predictor("net", net=mlp([4, 9, 1], "tanh", rng))
    X_fit, X_eval = rng.array(40, 4) * [1, 2, 0.5, 3] + 1, rng.array(30, 4) + 2
    model = Ridge(alpha=ridge).fit(X_fit, black_box(X_fit))
    got = reference.surrogate_fidelity(black_box, X_fit, X_eval, ridge)
    np.testing.assert_allclose(got["coef"], model.coef_, atol=1e-9)
    np.testing.assert_allclose(got["intercept"], model.intercept_, atol=1e-9)
    assert got["r2"] == pytest.approx(r2_score(black_box(X_eval), model.predict(X_eval)), abs=1e-9)
    if ridge == 1e12:
        assert got["r2"] < 1e-6


# ------------------------------------------------------------------------------------------- permutations
@pytest.mark.parametrize("loss", ["zero_one", "mse"])
@pytest.mark.parametrize("seed", SEEDS)
def test_permutation_importance_is_scikit_learns(seed, loss):
    """scikit-learn's shuffles are rebuilt: one array per column, shuffled again and again, so they compose."""
    from sklearn.inspection import permutation_importance
    from sklearn.linear_model import LinearRegression
    from sklearn.tree import DecisionTreeClassifier

    X, y, _ = labelled(seed, n=60)
    if loss == "mse":
        y = X @ np.arange(5.0) + y
    maker, scoring = {
        "zero_one": (DecisionTreeClassifier(max_depth=3, random_state=0), "accuracy"),
        "mse": (LinearRegression(), "neg_mean_squared_error"),
    }[loss]
    model, repeats = maker.fit(X, y), 4
    want = permutation_importance(model, X, y, scoring=scoring, n_repeats=repeats, random_state=seed)
    start = np.random.RandomState(seed).randint(np.iinfo(np.int32).max + 1)
    perms = np.empty((repeats, X.shape[1], len(X)), dtype=int)
    for j in range(X.shape[1]):
        shuffler, order, column = np.random.RandomState(start), np.arange(len(X)), np.arange(len(X))
        for r in range(repeats):
            shuffler.shuffle(order)
            column = column[order]
            perms[r, j] = column
    got = reference.permutation_importance(model.predict, X, y, perms, loss)
    np.testing.assert_allclose(got["mean"], want.importances_mean, rtol=1e-12, atol=1e-13)
    np.testing.assert_allclose(got["std"], want.importances_std, rtol=1e-12, atol=1e-13)


def test_the_importance_of_a_linear_model_is_twice_its_squared_weight_times_the_variance():
    """Without noise and for independent columns: E (w (x' - x))**2 = 2 w**2 var x."""
    rng = Rng(5)
    X, weights = rng.array(20_000, 3) * [1.0, 2.0, 0.5], np.array([1.5, -0.5, 3.0])
    model = predictor("linear", weights=weights)
    perms = np.stack([[rng.permutation(len(X)).numpy() for _ in weights] for _ in range(2)])
    got = reference.permutation_importance(model, X, model(X), perms, "mse")
    np.testing.assert_allclose(got["mean"], 2 * weights**2 * X.var(axis=0), rtol=0.05)


# -------------------------------------------------------------------------------------------- Clever Hans
@pytest.mark.parametrize("rho", [0.5, 0.95])
@pytest.mark.parametrize("seed", SEEDS)
def test_the_worst_group_is_fairlearns(seed, rho):
    fairlearn = pytest.importorskip(
        "fairlearn.metrics", reason="fairlearn is not installed: pip install fairlearn"
    )
    from sklearn.metrics import accuracy_score

    rows, rng = make_watermark(300, rho, seed), Rng(seed, 4)
    score = predictor("linear", weights=rng.array(6) + np.array([1, 1, 0, 0, 0, 2]))
    model = predictor("labels", of=score, cuts=[0.5], labels=[0, 1])
    mask = np.arange(6) == rows.truth.cue
    got = reference.clever_hans_test(model, rows.X, rows.y, mask, np.ones(6), np.zeros(6), 1)
    on, off = rows.X.copy(), rows.X.copy()
    on[:, 5], off[:, 5] = 1, 0
    frame = fairlearn.MetricFrame(
        metrics=accuracy_score,
        y_true=np.tile(rows.y, 2),
        y_pred=np.concatenate([model(on), model(off)]),
        sensitive_features={"label": np.tile(rows.y, 2), "state": np.repeat(["on", "off"], len(rows.y))},
    )
    assert got["worst_group_accuracy"] == pytest.approx(frame.group_min(), abs=1e-12)
    by_hand = frame.by_group
    shares = np.bincount(rows.y) / len(rows.y)
    aligned = shares[1] * by_hand[1, "on"] + shares[0] * by_hand[0, "off"]
    assert got["accuracy_aligned"] == pytest.approx(aligned, abs=1e-12)


def test_a_model_of_the_cue_alone_and_one_that_ignores_it():
    rows = make_watermark(200, 0.9, 1)
    mask = np.arange(6) == 5
    ends = mask, np.ones(6), np.zeros(6), 1
    cue = predictor("labels", of=predictor("linear", weights=[0, 0, 0, 0, 0, 1]), cuts=[0.5], labels=[0, 1])
    got = reference.clever_hans_test(cue, rows.X, rows.y, *ends)
    assert got == {
        "accuracy": rows.truth.agrees.mean(),
        "accuracy_aligned": 1.0,
        "accuracy_reversed": 0.0,
        "flip_rate": 1.0,
        "worst_group_accuracy": 0.0,
    }
    blind = predictor("labels", of=predictor("linear", weights=[1, 1, 0, 0, 0, 0]), cuts=[0.0], labels=[0, 1])
    got = reference.clever_hans_test(blind, rows.X, rows.y, *ends)
    assert got["flip_rate"] == 0
    assert got["accuracy"] == got["accuracy_aligned"] == got["accuracy_reversed"]


# -------------------------------------------------------------------------------------------------- Hinton
@pytest.mark.parametrize("max_weight", [None, 1.1])
@pytest.mark.parametrize("seed", SEEDS)
def test_the_ink_of_a_hinton_diagram_is_the_size_of_the_weight(seed, max_weight):
    """Drawn by matplotlib, 100 pixels to a cell: the inked share of each cell is |w| / max."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure
    from matplotlib.patches import Rectangle

    W = Rng(seed, 6).array(3, 4)
    got = reference.hinton_geometry(W, max_weight)
    figure = Figure(figsize=(4, 3), dpi=100)
    canvas = FigureCanvasAgg(figure)
    ax = figure.add_axes((0, 0, 1, 1))
    ax.set_xlim(0, 4)
    ax.set_ylim(3, 0)
    ax.axis("off")
    for place in np.ndindex(*W.shape):
        corner, side = (got["left"][place], got["top"][place]), got["side"][place]
        ax.add_patch(Rectangle(corner, side, side, facecolor="black", edgecolor="none", antialiased=True))
    canvas.draw()
    dark = 1 - np.asarray(canvas.buffer_rgba())[..., :3].mean(axis=2) / 255
    ink = dark.reshape(3, 100, 4, 100).mean(axis=(1, 3))
    want = np.minimum(np.abs(W) / (max_weight or np.abs(W).max()), 1)
    np.testing.assert_allclose(ink, want, atol=0.02)


# ------------------------------------------------------------------------------------- contextualised weights
@pytest.mark.parametrize("sizes", [[6, 5, 3], [4, 4, 4, 4], [5, 3], [7, 9, 8, 2]])
@pytest.mark.parametrize("seed", SEEDS)
def test_contextualised_weights_are_the_gradient_of_a_relu_network(seed, sizes):
    net, x = mlp(sizes, "relu", Rng(seed, 7)), Rng(seed, 8).normal(sizes[0])
    layers = [module for module in net.modules() if isinstance(module, torch.nn.Linear)]
    value, gates = x, []
    for layer in layers[:-1]:
        value = layer(value)
        gates.append((value > 0).double().numpy())
        value = value.relu()
    weights = [layer.weight.detach().numpy() for layer in layers]
    for unit in range(sizes[-1]):
        point = x.clone().requires_grad_()
        (gradient,) = torch.autograd.grad(net(point[None])[0, unit], point)
        got = reference.contextualised_weights(weights, unit, gates)
        np.testing.assert_allclose(got, gradient.numpy(), rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("seed", SEEDS)
def test_without_gates_it_is_the_network_without_its_relus(seed):
    relu, linear = (mlp([6, 5, 4, 3], act, seed) for act in ("relu", None))
    own = [layer.weight.detach().numpy() for layer in relu.modules() if isinstance(layer, torch.nn.Linear)]
    theirs = [layer for layer in linear.modules() if isinstance(layer, torch.nn.Linear)]
    for layer, weights in zip(theirs, own, strict=True):
        layer.weight.data = torch.from_numpy(weights)
    step = linear(torch.eye(6).double()) - linear(torch.zeros(1, 6).double())
    np.testing.assert_allclose(reference.contextualised_weights(own, 1), step[:, 1].detach(), atol=1e-12)
