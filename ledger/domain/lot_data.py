"""What a receipt may say of a lot: public facts, bound to the issuance by a Merkle root."""

import json
from collections.abc import Callable, Mapping, Sequence
from json.encoder import encode_basestring

from ledger.domain.keccak import keccak256

LOT_DATA = b"\x11"
_as_text = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode


def data_leaf(fields: Mapping[str, str]) -> bytes:
    """`keccak256(0x11 || JSON)`: UTF-8, keys sorted, no spaces, every value a text.

    Fields: gsrn, start, length, amount, factor, quality, technology, energy source and the
    SHA-256 of the source file. Unsalted, since all of them are public.
    """
    return keccak256(LOT_DATA + _as_text(fields).encode())


def leaf_maker(
    common: Mapping[str, str], varying: Sequence[str]
) -> Callable[[Mapping[str, str]], bytes]:
    """`data_leaf` for many lots of a device: `common` is written once, `varying` each time."""
    template, own = _template(common, varying)

    def leaf(fields: Mapping[str, str]) -> bytes:
        return _filled(template, tuple(encode_basestring(fields[name]) for name in own))

    return leaf


def leaves(common: Mapping[str, str], columns: Mapping[str, Sequence[str]]) -> list[bytes]:
    """`data_leaf` of many lots of a device, whose own fields are given as columns."""
    template, own = _template(common, list(columns))
    rows = zip(*(map(encode_basestring, columns[name]) for name in own), strict=True)
    return [_filled(template, row) for row in rows]


def _template(common: Mapping[str, str], varying: Sequence[str]) -> tuple[str, list[str]]:
    """The JSON with a gap for each field that varies, and these in the order of their gaps."""
    names = sorted({*common, *varying})
    parts = [
        f"{_fixed(name)}:{'%s' if name in varying else _fixed(common[name])}" for name in names
    ]
    return "{" + ",".join(parts) + "}", [name for name in names if name in varying]


def _filled(template: str, values: tuple[str, ...]) -> bytes:
    return keccak256(LOT_DATA + (template % values).encode())


def _fixed(text: str) -> str:
    return encode_basestring(text).replace("%", "%%")
