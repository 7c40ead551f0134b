"""What a receipt may say of a lot: public facts, bound to the issuance by a Merkle root."""

import json
from collections.abc import Callable, Mapping
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
    common: Mapping[str, str], varying: list[str]
) -> Callable[[Mapping[str, str]], bytes]:
    """`data_leaf` for many lots of a device: `common` is written once, `varying` each time."""
    names = sorted({*common, *varying})
    own = [name for name in names if name in varying]
    parts = [
        f"{_fixed(name)}:{'%s' if name in varying else _fixed(common[name])}" for name in names
    ]
    template = "{" + ",".join(parts) + "}"

    def leaf(fields: Mapping[str, str]) -> bytes:
        text = template % tuple(encode_basestring(fields[name]) for name in own)
        return keccak256(LOT_DATA + text.encode())

    return leaf


def _fixed(text: str) -> str:
    return encode_basestring(text).replace("%", "%%")
