import contextlib
import math
import re

import msgspec
import numpy as np
import pandas as pd
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from coursekit import wire


def trip(value, **options):
    return wire.unpack_bytes(wire.pack_bytes(value), **options)


def message(tree, *buffers):
    header = msgspec.msgpack.encode([tree, [len(b) for b in buffers]])
    return len(header).to_bytes(4, "little") + header + b"".join(buffers)


@pytest.mark.parametrize(
    "value",
    [
        None,
        True,
        0,
        -(2**63),
        2**63 - 1,
        1.5,
        math.inf,
        -math.inf,
        "text",
        "snow \u2603",
        "\ud800",
        b"\x00\xff",
        [1, (2, [3])],
        {"a": 1, 2: "b", (1, 2): None, 1.5: []},
        (),
        {},
        [],
    ],
)
def test_plain_values_survive(value):
    got = trip(value)
    assert got == value
    assert type(got) is type(value)


def test_nan_survives():
    assert math.isnan(trip(math.nan))


@pytest.mark.parametrize("dtype", ["b1", "i1", "i8", "u2", "f2", "f4", "f8", "c16"])
@pytest.mark.parametrize("shape", [(), (0,), (3,), (2, 3), (2, 0, 3)])
def test_arrays_survive(dtype, shape):
    value = np.arange(int(np.prod(shape, dtype=int))).reshape(shape).astype(dtype)
    got = trip(value)
    assert isinstance(got, np.ndarray)
    assert got.dtype == value.dtype
    assert got.shape == shape
    np.testing.assert_array_equal(got, value)


def test_memory_order_survives():
    value = np.asfortranarray(np.arange(6.0).reshape(2, 3))
    got = trip(value)
    assert got.flags.f_contiguous
    np.testing.assert_array_equal(got, value)


def test_strided_and_big_endian_arrays_arrive_by_value():
    np.testing.assert_array_equal(trip(np.arange(10)[::-2]), np.arange(10)[::-2])
    np.testing.assert_array_equal(trip(np.arange(3, dtype=">i4")), np.arange(3))


def test_numpy_scalars_and_strings_survive():
    assert type(trip(np.float32(1.5))) is np.float32
    assert trip(np.int64(7)) == 7
    words = trip(np.array([["ab", "c"], ["", "déjà"]]))
    assert words.tolist() == [["ab", "c"], ["", "déjà"]]


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32, torch.bfloat16, torch.int64, torch.bool])
@pytest.mark.parametrize("shape", [(), (0, 2), (3,), (2, 3, 5)])
def test_tensors_survive(dtype, shape):
    value = torch.arange(math.prod(shape)).reshape(shape).to(dtype)
    got = trip(value)
    assert got.dtype == dtype
    assert got.shape == shape
    assert torch.equal(got, value)


def test_requires_grad_survives_and_graphs_do_not():
    leaf = torch.ones(2, requires_grad=True)
    got = trip([leaf, leaf * 2])
    assert got[0].requires_grad
    assert got[1].requires_grad
    assert got[1].is_leaf


def test_tables_survive():
    table = pd.DataFrame({"n": [1, 2], "x": [0.5, math.nan], "s": ["a", "b"], 7: [True, False]}, index=[3, 4])
    got = trip(table)
    pd.testing.assert_frame_equal(got, table)
    pd.testing.assert_series_equal(trip(table["x"]), table["x"])


def test_handles_are_resolved_by_the_receiver():
    assert trip([wire.Handle(4)], resolve=lambda n: n * 10) == [40]
    with pytest.raises(wire.WireError, match="a handle where none is kept"):
        trip(wire.Handle(4))


@pytest.mark.parametrize(
    ("value", "says"),
    [
        (
            {1, 2},
            "a set cannot be passed on; use tensors, arrays, numbers, text, lists, tuples, dicts or tables",
        ),
        (2**70, "the whole number of 71 bits does not fit into 64 bits"),
        (np.array([object()]), "a numpy array of dtype object cannot be passed on"),
        (torch.eye(2).to_sparse(), "torch.sparse_coo tensor of dtype torch.float32 cannot be passed on"),
    ],
)
def test_what_cannot_travel_is_named(value, says):
    with pytest.raises(wire.WireError, match=re.escape(says)):
        wire.pack(value)


def test_a_value_that_contains_itself_is_refused():
    loop: list = []
    loop.append(loop)
    with pytest.raises(wire.WireError, match="nested more than 40 levels deep"):
        wire.pack(loop)


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"\xff\xff\xff\xff", "a header of 4294967295 bytes"),
        (message(["T", "float64", [1 << 39, 1 << 39], 0, False], b"12345678"), "an array of"),
        (message(["T", "float64", [2], 0, False], b"12345678"), "an array of 16 bytes came with 8"),
        (message(["T", "float64", [1], 5, False], b"12345678"), "an array without its buffer"),
        (message(["T", "object", [1], 0, False], b"12345678"), "unknown tensor dtype 'object'"),
        (message(["a", "O8", [1], "C", 0], b"12345678"), "unknown array dtype 'O8'"),
        (message(["a", "f8", [-1], "C", 0], b"12345678"), "a size that is no size"),
        (message(["a", "f8", [1] * 17, "C", 0], b"12345678"), "at most 16 sizes"),
        (message(["?"]), "unknown tag '?'"),
        (message([]), "unknown tag None"),
        (message({"a": 1}), "a bare dict in a message"),
        (message(["d", [["l"], 1]]), "a list cannot be a key"),
        (message(["k", "Net", {}, []]), "a model cannot be an answer"),
        (message(["a", "f8"]), "a malformed value"),
        (b"\x01\x00\x00\x00\xc1", "no header"),
        (message(1)[:-1], "the bytes end in the middle of a value"),
        (message(1) + b"x", "bytes are left over"),
    ],
)
def test_malformed_bytes_are_refused_with_a_reason(data, says):
    with pytest.raises(wire.WireError, match=re.escape(says)):
        wire.unpack_bytes(data, wire.Bounds())


def test_depth_nodes_and_size_are_bounded():
    deep = 1
    for _ in range(60):
        deep = ["l", deep]
    with pytest.raises(wire.WireError, match="nested more than 40 levels deep"):
        wire.unpack_bytes(message(deep), wire.Bounds())
    with pytest.raises(wire.WireError, match="more than 10 values"):
        wire.unpack_bytes(message(["l", *range(11)]), wire.Bounds(nodes=10))
    with pytest.raises(wire.WireError, match="more than 8 bytes"):
        wire.unpack_bytes(wire.pack_bytes(np.zeros(2)), wire.Bounds(total=8))
    with pytest.raises(wire.WireError, match="no header"):
        wire.unpack_bytes((100_000).to_bytes(4, "little") + b"\x91" * 100_000, wire.Bounds())


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=200))
def test_any_header_is_a_value_or_a_wire_error(data):
    with contextlib.suppress(wire.WireError):
        wire.unpack_bytes(len(data).to_bytes(4, "little") + data, wire.Bounds())


_trees = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-5, 2**40)
    | st.floats()
    | st.text(max_size=5)
    | st.binary(max_size=4),
    lambda inner: st.lists(inner, max_size=5)
    | st.builds(lambda tag, rest: [tag, *rest], st.sampled_from("ltdaguTDEkhS"), st.lists(inner, max_size=5)),
    max_leaves=30,
)


@settings(max_examples=300, deadline=None)
@given(_trees)
def test_any_tree_is_a_value_or_a_wire_error(tree):
    with contextlib.suppress(wire.WireError):
        wire.unpack_bytes(message(tree, b"12345678"), wire.Bounds(objects=True), resolve=lambda n: n)
