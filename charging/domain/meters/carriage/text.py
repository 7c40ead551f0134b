"""Signed records in plain text: one or many, bare, in hex or in base64."""

import base64
import binascii
import json
import re
from itertools import pairwise

from charging.domain.meters import alfen, edl40, ocmf, pcdf
from charging.domain.meters.carried import Carried

# A bar never stands inside OCMF's payload; "AP;" may, so an Alfen record shows its key as well.
_STARTS = re.compile(rb"OCMF\||AP;[0-2];\w{1,8};[A-Z2-7]{40}|\x02?128\.8\.0\(ST:\d{12}\)")
_PACKED = re.compile(rb"[0-9A-Za-z+/=_\s-]+")
_HEX = re.compile(rb"(?:[0-9a-fA-F]{2})+")
_XML = re.compile(rb"\s*<(?:\?xml|[\w:]{0,20}(?:Billing|ChargingProcess|signedMeterValue)\b)")
_HEADERS = (ocmf.HEADER, alfen.HEADER, edl40.HEADER, pcdf.HEADER, pcdf.STX + pcdf.HEADER)


def is_record(data: bytes) -> bool:
    """Whether the bytes begin as a signed record does."""
    return data.lstrip().startswith(_HEADERS)


def read(data: bytes, key: str = "") -> list[Carried]:
    """Every record in the text: each reaches to where the next begins."""
    if data.startswith(edl40.HEADER):  # no text: what looks like another's begin may be data
        return [Carried(data, key)]
    starts = {match.start() for match in _STARTS.finditer(data)}
    if is_record(data):
        starts.add(len(data) - len(data.lstrip()))
    return [
        Carried(data[start:end].strip(), key)
        for start, end in pairwise([*sorted(starts), len(data)])
    ]


def unquoted(data: bytes) -> bytes:
    """Without the quotation marks that a log (as JSON), a table (as CSV) or a person put around."""
    if len(data) < 2 or not (data.startswith(b'"') and data.endswith(b'"')):
        return data
    try:
        content = json.loads(data)
    except (ValueError, RecursionError):
        inner = data[1:-1]
        return inner.replace(b'""', b'"') if b'{""' in inner else inner
    return content.encode("utf-8", "replace") if isinstance(content, str) else data


def unpack(data: bytes) -> bytes | None:
    """What hex or base64 hides, when that is a signed record or its XML; none otherwise."""
    if not _PACKED.fullmatch(data):
        return None
    bare = b"".join(data.split())
    if _HEX.fullmatch(bare):
        opened = bytes.fromhex(bare.decode("ascii"))
        if _is_signed(opened):
            return opened
    bare = bare.replace(b"-", b"+").replace(b"_", b"/").rstrip(b"=")
    try:
        opened = base64.b64decode(bare + b"=" * (-len(bare) % 4), validate=True)
    except (binascii.Error, ValueError):
        return None
    return opened if _is_signed(opened) else None


def _is_signed(data: bytes) -> bool:
    return is_record(data) or bool(_XML.match(data))
