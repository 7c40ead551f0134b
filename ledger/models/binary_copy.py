"""Rows as PostgreSQL's binary COPY takes them, made column by column.

A statement of thousands of rows costs hardly any Python this way, and the server has no text
to parse. The format is that of https://www.postgresql.org/docs/current/sql-copy.html ("Binary
Format"): of each row the number of fields, of each field its length in bytes (-1 for NULL) and
its bytes, all numbers big-endian; instants are microseconds since 2000-01-01T00:00Z.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import numpy.typing as npt

I64 = npt.NDArray[np.int64]
HEADER = b"PGCOPY\n\xff\r\n\0" + bytes(8)
TRAILER = b"\xff\xff"
NUMBERS = {"int2": ">i2", "int4": ">i4", "int8": ">i8", "bool": "u1", "timestamptz": ">i8"}
TEXTS = ("text", "bytea", "jsonb")
JSONB_VERSION = b"\1"
EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
NULL = -1


@dataclass(frozen=True, slots=True, eq=False)
class _Numbers:
    """A column of numbers. `lengths` of each row in bytes, NULL for none."""

    lengths: I64
    values: npt.NDArray[Any]

    def dtype_of(self, _: int) -> str:
        """What numpy calls a value."""
        return self.values.dtype.str

    def of(self, rows: I64, _: int) -> npt.NDArray[Any]:
        """Those of some rows."""
        return self.values[rows]


@dataclass(frozen=True, slots=True, eq=False)
class _Texts:
    """A column of texts or bytes, one after the other in `joined`, from `offsets` on."""

    lengths: I64
    joined: npt.NDArray[np.uint8]
    offsets: I64

    def dtype_of(self, length: int) -> str:
        """What numpy calls so many bytes."""
        return f"V{length}"

    def of(self, rows: I64, length: int) -> npt.NDArray[Any]:
        """Those of some rows, which all have this length."""
        if len(self.joined) == length * len(rows):  # of every row, in their order
            return self.joined.view(f"V{length}")
        places = self.offsets[rows][:, None] + np.arange(length)
        return np.ascontiguousarray(self.joined[places]).view(f"V{length}")[:, 0]


_Field = _Numbers | _Texts


def rows_of(kinds: Sequence[str], columns: Sequence[Sequence[Any]], count: int) -> bytes:
    """`count` rows of columns of these kinds, which NUMBERS and TEXTS name.

    A column is a list, or an array where it is of numbers or instants; None is NULL. A whole
    copy is HEADER, any number of such pieces, and TRAILER.
    Raises: OverflowError where a number does not fit.
    """
    fields = [_field(kind, column, count) for kind, column in zip(kinds, columns, strict=True)]
    lengths = np.stack([field.lengths for field in fields])
    if count == 0:
        return b""
    if (lengths == lengths[:, :1]).all():
        return _block(fields, np.arange(count), lengths[:, 0]).tobytes()
    return _shuffled(fields, lengths)


def _shuffled(fields: Sequence[_Field], lengths: I64) -> bytes:
    """Rows of several shapes: all of one shape at once, each put in its place."""
    shapes, shape_of = np.unique(lengths, axis=1, return_inverse=True)
    sizes = 2 + 4 * len(fields) + np.where(shapes == NULL, 0, shapes).sum(axis=0)
    shape_of = shape_of.reshape(-1)
    ends = np.cumsum(sizes[shape_of])
    found = np.empty(int(ends[-1]), np.uint8)
    order = np.argsort(shape_of, kind="stable")
    bounds = np.searchsorted(shape_of[order], np.arange(len(sizes) + 1))
    for n, size in enumerate(sizes.tolist()):
        rows = order[bounds[n] : bounds[n + 1]]
        block = _block(fields, rows, shapes[:, n]).view(np.uint8).reshape(len(rows), size)
        found[(ends[rows] - size)[:, None] + np.arange(size)] = block
    return found.tobytes()


def _block(fields: Sequence[_Field], rows: I64, shape: I64) -> npt.NDArray[Any]:
    shapes = list(enumerate(zip(fields, shape.tolist(), strict=True)))
    dtype = [("fields", ">i2")]
    for n, (field, length) in shapes:
        dtype.append((f"length{n}", ">i4"))
        if length > 0:
            dtype.append((f"value{n}", field.dtype_of(length)))
    block = np.empty(len(rows), dtype)
    block["fields"] = len(fields)
    for n, (field, length) in shapes:
        block[f"length{n}"] = length
        if length > 0:
            block[f"value{n}"] = field.of(rows, length)
    return block


def _field(kind: str, column: Sequence[Any], count: int) -> _Field:
    if len(column) != count:
        raise ValueError(f"{len(column)} values for {count} rows")
    missing = [value is None for value in column] if _has_gaps(column) else None
    if kind in TEXTS:
        return _texts(kind, column, missing)
    if missing:
        column = [0 if value is None else value for value in column]
    numbers = _numbers(kind, column)
    lengths = np.full(count, numbers.dtype.itemsize, np.int64)
    if missing:
        lengths[np.array(missing)] = NULL
    return _Numbers(lengths, numbers)


def _has_gaps(column: Sequence[Any]) -> bool:
    return not isinstance(column, np.ndarray) and None in column


def _numbers(kind: str, column: Sequence[Any]) -> npt.NDArray[Any]:
    if kind == "timestamptz":
        return _microseconds(column).astype(NUMBERS[kind])
    values = np.asarray(column, np.bool_ if kind == "bool" else np.int64)
    found = values.astype(NUMBERS[kind])
    if len(values) and not (found == values).all():
        raise OverflowError(f"a number among {values.min()} to {values.max()} is no {kind}")
    return found


def _microseconds(column: Sequence[Any]) -> I64:
    if isinstance(column, np.ndarray):
        since = column.astype("datetime64[us]") - np.datetime64("2000-01-01", "us")
        return since.astype(np.int64)
    known: dict[Any, int] = {0: 0}  # rows written together share many of their instants
    for moment in set(column):
        if moment not in known:
            known[moment] = (moment - EPOCH) // MICROSECOND
    return np.array([known[moment] for moment in column], np.int64)


def _texts(kind: str, column: Sequence[Any], missing: list[bool] | None) -> _Texts:
    if missing:
        column = [b"" if value is None else value for value in column]
    if kind != "bytea":
        column = [value.encode() if isinstance(value, str) else value for value in column]
    if kind == "jsonb":
        column = [JSONB_VERSION + value for value in column]
    lengths = np.fromiter(map(len, column), np.int64, len(column))
    offsets = np.cumsum(lengths) - lengths
    if missing:
        lengths[np.array(missing)] = NULL
    return _Texts(lengths, np.frombuffer(b"".join(column), np.uint8), offsets)
