"""Values as bytes: what crosses between judge and worker, and what recorded answers are kept in.

A message is ``u32 header length | header | buffers``. The header is msgpack: the value as a tagged
tree, and the length of each buffer. None, bool, int, float, str and bytes stand for themselves;
everything else is a list that begins with a tag:

====== ==========================================  ===================================================
tag    stands for                                  followed by
====== ==========================================  ===================================================
``l``  list                                        items
``t``  tuple                                       items
``d``  dict (keys keep their type)                 ``[key, value]`` pairs
``a``  numpy array                                 dtype, shape, order (C or F), buffer number
``g``  numpy scalar                                dtype, raw bytes
``u``  numpy array of strings                      shape, strings
``T``  torch tensor                                dtype, shape, buffer number, requires_grad
``D``  pandas DataFrame                            ``[name, dtype, values]`` per column, index
``E``  pandas Series                               name, dtype, values, index
``k``  registered model or callable                kind, parameters (a plain, untagged tree),
                                                   ``[name, array]`` pairs of weights
``h``  handle of an object kept on the other side  number
``S``  str that is no valid unicode                bytes (surrogates passed through)
====== ==========================================  ===================================================

Infinities, NaN, tuples, integer keys, 0-d arrays and memory order survive. Nothing is ever unpickled:
the decoder builds plain objects of its own, within :class:`Bounds`, whatever the sender wrote.
"""

from __future__ import annotations

import math
import struct
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import msgspec
import numpy as np

from coursekit import registry

_LENGTH = struct.Struct("<I")
_NUMPY_DTYPES = frozenset(
    ["b1", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "f2", "f4", "f8", "c8", "c16"]
)
_TORCH_DTYPES = frozenset(
    [
        "bool",
        "uint8",
        "int8",
        "int16",
        "int32",
        "int64",
        "float16",
        "bfloat16",
        "float32",
        "float64",
        "complex64",
        "complex128",
    ]
)
_INT_MIN, _INT_MAX = -(2**63), 2**63 - 1
_MAX_DEPTH = 40

_UNSUPPORTED = (
    "a {name} cannot be passed on; use tensors, arrays, numbers, text, lists, tuples, dicts or tables"
)
_BIG_INT = "the whole number {value} does not fit into 64 bits"
_TOO_DEEP = "the value is nested more than {limit} levels deep (or contains itself)"


class WireError(ValueError):
    """A value that cannot be sent, or bytes that are no value within bounds."""


@dataclass(frozen=True)
class Handle:
    """Stands for an object that the other side keeps."""

    number: int


@dataclass(frozen=True)
class Bounds:
    """What a decoder accepts.

    Attributes:
        header: bytes of the header.
        total: bytes of all buffers together.
        nodes: entries of the tree, dimensions of an array, rank and depth are bounded too.
        objects: whether registered models and callables are built.
    """

    header: int = 1 << 20
    total: int = 64 << 20
    nodes: int = 200_000
    rank: int = 16
    depth: int = _MAX_DEPTH
    objects: bool = False


TRUSTED = Bounds(header=1 << 26, total=1 << 32, nodes=5_000_000, objects=True)


# ------------------------------------------------------------------------------------------ encoding
class _Packer:
    def __init__(self) -> None:
        self.buffers: list[Any] = []

    def buffer(self, data: Any) -> int:
        self.buffers.append(data)
        return len(self.buffers) - 1

    def tree(self, value: Any, depth: int = 0) -> Any:
        kind = type(value)
        if value is None or kind is bool or kind is float or kind is bytes:
            return value
        if kind is int:
            if not _INT_MIN <= value <= _INT_MAX:
                raise WireError(_BIG_INT.format(value=_short(value)))
            return value
        if kind is str:
            return value if _is_unicode(value) else ["S", value.encode("utf-8", "surrogatepass")]
        if depth >= _MAX_DEPTH:
            raise WireError(_TOO_DEEP.format(limit=_MAX_DEPTH))
        if isinstance(value, (list, tuple)):
            return ["l" if isinstance(value, list) else "t", *(self.tree(item, depth + 1) for item in value)]
        if isinstance(value, dict):
            return ["d", *([self.tree(k, depth + 1), self.tree(v, depth + 1)] for k, v in value.items())]
        if isinstance(value, np.ndarray):
            return self.array(value)
        if isinstance(value, np.generic):
            return self.scalar(value)
        torch = sys.modules.get("torch")
        if torch is not None and isinstance(value, torch.Tensor):
            return self.tensor(value, torch)
        if kind is Handle:
            return ["h", value.number]
        spec = registry.describe(value)
        if spec is not None:
            weights = [[name, self.tree(array, depth + 1)] for name, array in spec.weights.items()]
            return ["k", spec.kind, _plain(spec.params), weights]
        return self.other(value, depth)

    def array(self, value: np.ndarray) -> Any:
        value = np.asarray(value)
        if value.dtype.kind in "UT":
            return ["u", list(value.shape), [str(item) for item in value.reshape(-1).tolist()]]
        code = value.dtype.kind + str(value.dtype.itemsize)
        if code not in _NUMPY_DTYPES:
            raise WireError(_UNSUPPORTED.format(name=f"numpy array of dtype {value.dtype}"))
        order = "F" if value.flags.f_contiguous and not value.flags.c_contiguous else "C"
        flat = np.ascontiguousarray(
            np.asarray(value, dtype=value.dtype.newbyteorder("<")).reshape(-1, order=order)
        )
        return [
            "a",
            code,
            list(value.shape),
            order,
            self.buffer(flat.view(np.uint8).data if flat.size else b""),
        ]

    def scalar(self, value: np.generic) -> Any:
        if isinstance(value, np.str_):
            return ["u", [], [str(value)]]
        code = value.dtype.kind + str(value.dtype.itemsize)
        if code not in _NUMPY_DTYPES:
            raise WireError(_UNSUPPORTED.format(name=f"numpy {type(value).__name__}"))
        return ["g", code, np.asarray(value, dtype=value.dtype.newbyteorder("<")).tobytes()]

    def tensor(self, value: Any, torch: Any) -> Any:
        with torch._C.DisableTorchFunctionSubclass():
            name = str(value.dtype).removeprefix("torch.")
            if name not in _TORCH_DTYPES or value.layout is not torch.strided or value.device.type == "meta":
                raise WireError(_UNSUPPORTED.format(name=f"{value.layout} tensor of dtype {value.dtype}"))
            flat = value.detach().cpu().resolve_conj().resolve_neg().contiguous().reshape(-1)
            data = flat.view(torch.uint8).numpy().data if flat.numel() else b""
            return ["T", name, list(value.shape), self.buffer(data), bool(value.requires_grad)]

    def other(self, value: Any, depth: int) -> Any:
        pandas = sys.modules.get("pandas")
        if pandas is not None and isinstance(value, pandas.DataFrame):
            columns = [[self.tree(name), *self.column(value[name], depth)] for name in value.columns]
            if len({str(name) for name in value.columns}) != len(columns):
                raise WireError("a table with two columns of the same name cannot be passed on")
            return ["D", columns, self.values(value.index, depth)]
        if pandas is not None and isinstance(value, pandas.Series):
            name, values = self.column(value, depth)
            return ["E", self.tree(value.name), name, values, self.values(value.index, depth)]
        raise WireError(_UNSUPPORTED.format(name=type(value).__name__))

    def column(self, series: Any, depth: int) -> tuple[str, Any]:
        if series.dtype.kind in "biuf":
            return series.dtype.kind + str(series.dtype.itemsize), self.array(series.to_numpy())
        return ("str" if str(series.dtype) == "str" else "object"), self.values(series, depth)

    def values(self, series: Any, depth: int) -> Any:
        return self.tree(series.tolist(), depth + 1)


def pack(value: Any) -> list[Any]:
    """``value`` as a list of bytes-like parts, to be sent one after the other.

    Raises:
        WireError: the value (or something in it) cannot be passed on; the sentence names its type.
    """
    packer = _Packer()
    try:
        tree = packer.tree(value)
    except RecursionError:
        raise WireError(_TOO_DEEP.format(limit=_MAX_DEPTH)) from None
    header = msgspec.msgpack.encode([tree, [len(part) for part in packer.buffers]])
    return [_LENGTH.pack(len(header)), header, *packer.buffers]


def pack_bytes(value: Any) -> bytes:
    """``value`` as one string of bytes."""
    return b"".join(pack(value))


# ------------------------------------------------------------------------------------------ decoding
class _Unpacker:
    def __init__(self, buffers: list[Any], bounds: Bounds, resolve: Callable[[int], Any] | None):
        self.buffers, self.bounds, self.resolve = buffers, bounds, resolve
        self.nodes = 0

    def value(self, tree: Any, depth: int = 0) -> Any:
        self.nodes += 1
        if self.nodes > self.bounds.nodes:
            raise WireError(f"more than {self.bounds.nodes} values in one message")
        if not isinstance(tree, list):
            if tree is None or type(tree) in (bool, int, float, str, bytes):
                return tree
            raise WireError(f"a bare {type(tree).__name__} in a message")
        if depth > self.bounds.depth:
            raise WireError(_TOO_DEEP.format(limit=self.bounds.depth))
        tag, *rest = tree or [None]
        if tag == "l":
            return [self.value(item, depth + 1) for item in rest]
        if tag == "t":
            return tuple(self.value(item, depth + 1) for item in rest)
        if tag == "d":
            return dict(self.pair(item, depth + 1) for item in rest)
        decode = _DECODERS.get(tag) if isinstance(tag, str) else None
        if decode is None:
            raise WireError(f"unknown tag {_short(tag)}")
        return decode(self, depth, *rest)

    def pair(self, item: Any, depth: int) -> tuple[Any, Any]:
        if not isinstance(item, list) or len(item) != 2:
            raise WireError("a dict entry is not a pair")
        key = self.value(item[0], depth)
        if not isinstance(key, (str, int, float, bool, bytes, tuple, type(None))):
            raise WireError(f"a {type(key).__name__} cannot be a key")
        try:
            hash(key)
        except TypeError:
            raise WireError("a key that cannot be hashed") from None
        return key, self.value(item[1], depth)

    def data(self, number: Any, size: int) -> Any:
        if type(number) is not int or not 0 <= number < len(self.buffers):
            raise WireError("an array without its buffer")
        if len(self.buffers[number]) != size:
            raise WireError(f"an array of {size} bytes came with {len(self.buffers[number])}")
        return self.buffers[number]

    def shape(self, shape: Any) -> tuple[tuple[int, ...], int]:
        if not isinstance(shape, list) or len(shape) > self.bounds.rank:
            raise WireError(f"a shape that is no list of at most {self.bounds.rank} sizes")
        if not all(type(n) is int and 0 <= n <= 1 << 40 for n in shape):
            raise WireError("a shape with a size that is no size")
        return tuple(shape), math.prod(shape)

    def array(self, depth: int, code: str, shape: list, order: str, number: int) -> np.ndarray:
        if code not in _NUMPY_DTYPES or order not in ("C", "F"):
            raise WireError(f"unknown array dtype {_short(code)}")
        dtype = np.dtype("<" + code)
        sizes, count = self.shape(shape)
        flat = (
            np.frombuffer(self.data(number, count * dtype.itemsize), dtype=dtype)
            if count
            else np.empty(0, dtype)
        )
        return flat.reshape(sizes, order=order)

    def scalar(self, depth: int, code: str, data: bytes) -> np.generic:
        if code not in _NUMPY_DTYPES or not isinstance(data, bytes) or len(data) != np.dtype(code).itemsize:
            raise WireError("a malformed numpy scalar")
        return np.frombuffer(data, dtype="<" + code)[0]

    def strings(self, depth: int, shape: list, items: list) -> Any:
        sizes, count = self.shape(shape)
        if not isinstance(items, list) or len(items) != count or not all(isinstance(i, str) for i in items):
            raise WireError("a malformed array of strings")
        self.nodes += count
        return np.array(items, dtype=np.str_).reshape(sizes) if sizes else np.str_(items[0])

    def tensor(self, depth: int, name: str, shape: list, number: int, requires_grad: bool) -> Any:
        import torch

        if name not in _TORCH_DTYPES:
            raise WireError(f"unknown tensor dtype {_short(name)}")
        dtype = getattr(torch, name)
        sizes, count = self.shape(shape)
        if count == 0:
            tensor = torch.empty(sizes, dtype=dtype)
        else:
            tensor = torch.frombuffer(self.data(number, count * dtype.itemsize), dtype=dtype).reshape(sizes)
        if requires_grad is True and (dtype.is_floating_point or dtype.is_complex):
            tensor.requires_grad_(True)
        return tensor

    def frame(self, depth: int, columns: list, index: Any) -> Any:
        import pandas

        if not isinstance(columns, list) or not all(isinstance(c, list) and len(c) == 3 for c in columns):
            raise WireError("a malformed table")
        rows = self.value(index, depth + 1)
        if not isinstance(rows, list):
            raise WireError("a table without its index")
        data = {}
        for name, dtype, values in columns:
            key = self.value(name, depth + 1)
            if not isinstance(key, (str, int, float, tuple)):
                raise WireError("a column without a name")
            data[key] = self.column(depth, dtype, values, len(rows))
        return pandas.DataFrame(data, index=rows)

    def series(self, depth: int, name: Any, dtype: str, values: Any, index: Any) -> Any:
        import pandas

        rows = self.value(index, depth + 1)
        if not isinstance(rows, list):
            raise WireError("a column without its index")
        column = self.column(depth, dtype, values, len(rows))
        return pandas.Series(
            column.to_numpy(), index=rows, name=self.value(name, depth + 1), dtype=column.dtype
        )

    def column(self, depth: int, dtype: str, values: Any, rows: int) -> Any:
        import pandas

        data = self.value(values, depth + 1)
        if not isinstance(data, (list, np.ndarray)) or len(data) != rows or np.ndim(data) != 1:
            raise WireError("a column of another length than its table")
        if dtype not in _NUMPY_DTYPES and dtype not in ("str", "object"):
            raise WireError(f"unknown column dtype {_short(dtype)}")
        if dtype == "str" and not all(isinstance(item, str) for item in data):
            raise WireError("a column of text that holds something else")
        return pandas.Series(data, dtype="<" + dtype if dtype in _NUMPY_DTYPES else dtype).array

    def model(self, depth: int, kind: str, params: Any, weights: list) -> Any:
        if not self.bounds.objects:
            raise WireError("a model cannot be an answer")
        if not isinstance(kind, str) or not isinstance(params, dict) or not isinstance(weights, list):
            raise WireError("a malformed model")
        arrays = dict(self.pair(item, depth + 1) for item in weights)
        try:
            return registry.build(registry.Spec(kind, _plain(params), arrays))
        except registry.SpecError as error:
            raise WireError(str(error)) from None

    def handle(self, depth: int, number: int) -> Any:
        if self.resolve is None or type(number) is not int:
            raise WireError("a handle where none is kept")
        return self.resolve(number)

    def surrogates(self, depth: int, data: bytes) -> str:
        if not isinstance(data, bytes):
            raise WireError("malformed text")
        return data.decode("utf-8", "surrogatepass")


_DECODERS: dict[str, Callable[..., Any]] = {
    "a": _Unpacker.array,
    "g": _Unpacker.scalar,
    "u": _Unpacker.strings,
    "T": _Unpacker.tensor,
    "D": _Unpacker.frame,
    "E": _Unpacker.series,
    "k": _Unpacker.model,
    "h": _Unpacker.handle,
    "S": _Unpacker.surrogates,
}


def unpack(
    read: Callable[[int], Any], bounds: Bounds = Bounds(), resolve: Callable[[int], Any] | None = None
) -> Any:
    """The next value of a stream.

    Args:
        read: returns exactly the asked number of bytes; for arrays to be writable, as a bytearray.
        bounds: what is accepted.
        resolve: what a :class:`Handle` stands for.

    Raises:
        WireError: the bytes are no value within bounds. The stream is then of no further use.
    """
    size = _LENGTH.unpack(read(4))[0]
    if size > bounds.header:
        raise WireError(f"a header of {size} bytes; at most {bounds.header} are accepted")
    try:
        parts = msgspec.msgpack.decode(bytes(read(size)))
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as error:
        raise WireError(f"no header: {error}") from None
    if not (isinstance(parts, list) and len(parts) == 2 and isinstance(parts[1], list)):
        raise WireError("a header that is no pair of a tree and lengths")
    tree, lengths = parts
    if not all(type(n) is int and n >= 0 for n in lengths) or sum(lengths) > bounds.total:
        raise WireError(f"buffers of more than {bounds.total} bytes")
    if len(lengths) > bounds.nodes:
        raise WireError(f"more than {bounds.nodes} buffers")
    buffers = [read(n) if n else b"" for n in lengths]
    try:
        return _Unpacker(buffers, bounds, resolve).value(tree)
    except WireError:
        raise
    except (TypeError, ValueError, OverflowError, RecursionError, MemoryError, RuntimeError) as error:
        raise WireError(f"a malformed value ({type(error).__name__})") from None


def unpack_bytes(data: Any, bounds: Bounds = TRUSTED, resolve: Callable[[int], Any] | None = None) -> Any:
    """The value that :func:`pack_bytes` made ``data`` of."""
    view, position = memoryview(bytearray(data)), 0

    def read(count: int) -> Any:
        nonlocal position
        if position + count > len(view):
            raise WireError("the bytes end in the middle of a value")
        position += count
        return view[position - count : position]

    value = unpack(read, bounds, resolve)
    if position != len(view):
        raise WireError("bytes are left over after the value")
    return value


def _plain(tree: Any, depth: int = 0) -> Any:
    """``tree`` itself, when it is made of None, bool, int, float, str, lists and dicts of them alone."""
    kind = type(tree)
    if tree is None or kind is str or kind is int or kind is bool or kind is float:
        return tree
    if depth >= _MAX_DEPTH:
        raise WireError(_TOO_DEEP.format(limit=_MAX_DEPTH))
    if kind is list:
        for item in tree:
            _plain(item, depth + 1)
    elif kind is dict and all(type(key) is str for key in tree):
        for item in tree.values():
            _plain(item, depth + 1)
    else:
        raise WireError(_UNSUPPORTED.format(name=f"{kind.__name__} in the parameters of a model"))
    return tree


def _is_unicode(text: str) -> bool:
    if text.isascii():
        return True
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _short(value: Any) -> str:
    text = repr(value) if not isinstance(value, int) else f"of {value.bit_length()} bits"
    return text if len(text) <= 40 else text[:37] + "..."
