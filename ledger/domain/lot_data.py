"""What a receipt may say of a lot: public facts, bound to the issuance by a Merkle root."""

import json
from collections.abc import Mapping

from ledger.domain.keccak import keccak256

LOT_DATA = b"\x11"
_as_text = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode


def data_leaf(fields: Mapping[str, str]) -> bytes:
    """`keccak256(0x11 || JSON)`: UTF-8, keys sorted, no spaces, every value a text.

    Fields: gsrn, start, length, amount, factor, quality, technology, energy source and the
    SHA-256 of the source file. Unsalted, since all of them are public.
    """
    return keccak256(LOT_DATA + _as_text(fields).encode())
