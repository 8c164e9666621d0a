"""Models as plain functions, ``(n, d)`` numbers to ``(n,)`` numbers, that travel as data.

One class, several forms: what graders hand to functions that explain a model they cannot look into.
Everything is numpy; only the form ``"net"`` needs torch.
"""

from __future__ import annotations

import inspect
import zlib
from collections.abc import Callable
from typing import Any

import numpy as np

from coursekit.calls import note_call
from coursekit.predictor_forms import FORMS, OUTPUTS, Form
from coursekit.registry import Spec, SpecError, build

UNKNOWN_FORM = "there is no predictor {got!r}; there are {known}"
UNKNOWN_OUTPUT = "a predictor's output is called {known}, not {got!r}"
BAD_OPTIONS = "predictor {form!r} is described by {known}; {problem}"
BAD_PARAMS = "a predictor is described by its form, its output and its options; found {got}"
TOO_DEEP = "predictors may stand inside one another at most {most} deep"
NOT_ROWS = "predict takes rows of numbers, shape (n, d), and got {got}; a single row x is x[None]"
NO_ROWS = "predict needs at least one row, and got shape {got}"
OTHER_WIDTH = "predict was made for {want} columns, and got shape {got}"

MAX_DEPTH = 4


class Predictor:
    """``predict(X) -> (n,)``: a model whose inside cannot be seen, made of a form and its options.

    ``X`` is ``(n, d)`` with n of at least 1 (lists are read too); it is left as it was. The result is a new
    float64 array, or int64 labels of the form ``"labels"``. Rows do not influence each other.

    Attributes:
        form: name of the form, see :func:`predictor`.
        output: what the numbers are: ``"score"``, ``"logit"`` or ``"label"``.
        columns: number of columns it was made for, or None when any number will do.
    """

    kind = "predictor"

    def __init__(self, form: str, output: str = "", **options: Any):
        if not isinstance(form, str) or form not in FORMS:
            raise SpecError(UNKNOWN_FORM.format(got=str(form)[:40], known=", ".join(map(repr, FORMS))))
        names = OUTPUTS if form != "labels" else OUTPUTS[-1:]
        self.output = output or names[0]
        if self.output not in names:
            raise SpecError(UNKNOWN_OUTPUT.format(known=" or ".join(names), got=str(output)[:40]))
        if _depth(options) > MAX_DEPTH:
            raise SpecError(TOO_DEEP.format(most=MAX_DEPTH))
        self.form = form
        self._options, made = _make(form, options)
        self.columns, self._evaluate = made.columns, made.evaluate

    def __call__(self, X: Any) -> np.ndarray:
        try:
            rows = np.array(X, dtype=np.float64)
        except (TypeError, ValueError):
            raise ValueError(NOT_ROWS.format(got=f"a {type(X).__name__}")) from None
        if rows.ndim != 2:
            raise ValueError(NOT_ROWS.format(got=f"shape {rows.shape}"))
        if not len(rows):
            raise ValueError(NO_ROWS.format(got=rows.shape))
        if self.columns is not None and rows.shape[1] != self.columns:
            raise ValueError(OTHER_WIDTH.format(want=self.columns, got=rows.shape))
        note_call(len(rows), str(getattr(X, "dtype", type(X).__name__)), zlib.crc32(rows[0].tobytes()))
        return self._evaluate(rows)

    def __repr__(self) -> str:
        width = "any number of" if self.columns is None else self.columns
        return f"predictor({self.form!r}) of {width} columns: {self.output}"

    def to_spec(self) -> Spec:
        """The predictor as data."""
        params: dict[str, Any] = {"form": self.form, "output": self.output}
        weights: dict[str, Any] = {}
        for name, value in self._options.items():
            if isinstance(value, np.ndarray):
                weights[name] = value
            elif hasattr(value, "to_spec"):
                inner = value.to_spec()
                params[name] = {"kind": inner.kind, "params": inner.params}
                weights |= {f"{name}.{key}": array for key, array in inner.weights.items()}
            else:
                params[name] = value
        return Spec(self.kind, params, weights)

    @classmethod
    def from_spec(cls, spec: Spec) -> Predictor:
        """The predictor that :meth:`to_spec` described; every part of ``spec`` is checked first."""
        return cls._read(spec, 1)

    @classmethod
    def _read(cls, spec: Spec, depth: int) -> Predictor:
        params, options = spec.params, {}
        if depth > MAX_DEPTH:
            raise SpecError(TOO_DEEP.format(most=MAX_DEPTH))
        if not isinstance(params, dict) or not {"form", "output"} <= params.keys():
            found = ", ".join(map(str, params)) if isinstance(params, dict) else type(params).__name__
            raise SpecError(BAD_PARAMS.format(got=found or "nothing"))
        for name, value in params.items():
            if isinstance(value, dict) and value.keys() == {"kind", "params"}:
                prefix = f"{name}."
                own = {k.removeprefix(prefix): a for k, a in spec.weights.items() if k.startswith(prefix)}
                inner = Spec(value["kind"], value["params"], own)
                options[name] = cls._read(inner, depth + 1) if inner.kind == cls.kind else build(inner)
            elif name not in ("form", "output"):
                options[name] = value
        options |= {name: array for name, array in spec.weights.items() if "." not in name}
        return cls(params["form"], params["output"], **options)


def predictor(form: str, output: str = "", **options: Any) -> Predictor:
    """A function ``predict(X)`` of the given form; ``output`` names its numbers, ``"score"`` if not given.

    Forms and their options (``link`` is ``"identity"``, ``"sigmoid"`` or ``"tanh"`` and is applied last):

    - ``"linear"``: ``weights (d,)``, ``intercept`` [0], ``link``. ``X @ weights + intercept``.
    - ``"poly"``: ``terms``, a list of ``[coefficient, [columns]]``, ``columns`` (their number d), ``link``.
      A sum of coefficient times product of columns; a column named twice is squared, no column is a constant.
    - ``"kink"``: as linear, and ``directions (K, d)``, ``offsets (K,)``, ``sizes (K,)``: adds
      ``sizes[k] * max(0, X @ directions[k] - offsets[k])``, so the model is piecewise linear.
    - ``"net"``: ``net``, a :class:`~coursekit.models.Net` on ``(n, d)``, and ``column`` [0] of its output.
    - ``"tree"``: ``children_left``, ``children_right``, ``feature``, ``threshold``, ``value``, each
      ``(nodes,)`` as in scikit-learn's trees, ``columns`` (d), ``float32`` [True]: whether rows are rounded
      to float32 before they are compared, as scikit-learn does.
    - ``"table"``: ``values (2**d,)``, ``cut`` [0.5]: the entry whose bit j says whether column j is above cut.
    - ``"regions"``: boxes ``low (K, d)`` and ``high (K, d)``, ``inside (K,)``, ``outside``: the value of the
      first box with ``low < x <= high`` in every column (bounds may be infinite), else ``outside``.
    - ``"constant"``: ``value``, for any number of columns.
    - ``"ignore"``: ``of``, a predictor, ``reads``, a list of columns, and ``columns`` (d): hands only the
      columns that it reads, in their order, to ``of``.
    - ``"labels"``: ``of``, a predictor, ``cuts``, rising numbers, and ``labels``, one more whole number:
      the label at the place of how many cuts lie below the score. Its output is ``"label"``.

    Raises:
        SpecError: no such form, or options that do not describe one; the sentence says which.
    """
    return Predictor(form, output, **options)


def _make(form: str, options: dict[str, Any]) -> tuple[dict[str, Any], Form]:
    maker: Callable[..., Form] = FORMS[form]
    signature = inspect.signature(maker)
    try:
        bound = signature.bind(**options)
    except TypeError as problem:
        known = ", ".join(signature.parameters)
        raise SpecError(BAD_OPTIONS.format(form=form, known=known, problem=problem)) from None
    bound.apply_defaults()
    made = maker(**bound.arguments)
    return {name: made.kept.get(name, value) for name, value in bound.arguments.items()}, made


def _depth(options: dict[str, Any]) -> int:
    inner = (_depth(value._options) for value in options.values() if isinstance(value, Predictor))
    return 1 + max(inner, default=0)
