"""Open Charge Metering Format, FV 0.1 to 1.4 and later of 1: `OCMF|payload|signature`.

The payload is JSON; what was signed is its bytes as they stand between the bars, blanks and
spelling of numbers included. They are never written anew.
"""

import base64
import binascii
import json
import re
from collections.abc import Mapping
from typing import Any

from charging.domain.meters.curves import curve_named
from charging.domain.meters.der import NotDer, TrailingBytes, read_scalars
from charging.domain.meters.ocmf_readings import read_readings
from charging.domain.meters.records import Signature, SignedRecord, read_exact, read_text
from charging.domain.meters.signatures import HASHES
from charging.errors import MalformedRecord, UnsupportedRecord

FORMAT, HEADER = "OCMF", b"OCMF|"
DEFAULT_ALGORITHM = "ECDSA-secp256r1-SHA256"
BAD_LEVELS = {"MISMATCH", "INVALID", "OUTDATED", "UNKNOWN"}
LONGEST = 256 * 1024  # bytes; records in the field have one to four thousand
LONGEST_NAME = 250  # characters; OCMF's longest text
_ALGORITHM = re.compile(r"ECDSA-(.+)-(SHA\d{3})", re.IGNORECASE)
_VERSION = re.compile(r"(\d{1,3})\.(\d{1,3})(?:\.\d{1,3})?", re.ASCII)
_PAGE = re.compile(r"([A-Za-z])(\d{1,18})", re.ASCII)
_HEX = re.compile(r"(?:[0-9a-fA-F]{2})+")
NEWEST = (1, 4)  # of a major version later minor ones only add to what is there (OCMF, versioning)
TYPOGRAPHIC = "\u201c\u201d\u201e\u2018\u2019\u00ab\u00bb\u00a0\u202f\u200b"


def parse(data: bytes) -> SignedRecord:
    """Take a record apart; a fourth section is a public key that came along.

    Raises: MalformedRecord, UnsupportedRecord.
    """
    sections = _sections(data)
    payload = _json_object(sections[0], "payload")
    signed = _json_object(sections[1], "signature")
    version, newer = _version(payload)
    refused = ("identification_refused",) if _text(payload, "IL") in BAD_LEVELS else ()
    return SignedRecord(
        format=FORMAT,
        version=version,
        payload=sections[0],
        signature=_signature(signed),
        meters=_meters(payload),
        readings=read_readings(payload.get("RD")),
        own_key=sections[2].decode("ascii", "replace").strip() if len(sections) > 2 else "",
        page=_page(payload.get("PG")),
        same={name: _name(payload, name) for name in ("MS", "GS", "IT", "ID", "CI")},
        faults=(*newer, *refused),
    )


def _sections(data: bytes) -> list[bytes]:
    if len(data) > LONGEST:
        raise MalformedRecord(f"An OCMF record has more than {LONGEST:,} bytes.")
    head, *sections = data.strip().split(b"|")
    if head != b"OCMF" or len(sections) not in {2, 3}:
        raise MalformedRecord(
            "An OCMF record is OCMF|payload|signature; this one has "
            f"{len(sections)} sections after its first."
        )
    return sections


def _json_object(section: bytes, name: str) -> dict[str, Any]:
    try:
        content = json.loads(
            section.decode("utf-8"),
            parse_float=read_exact,
            parse_constant=_refuse,
            object_pairs_hook=_once,
        )
    except (ValueError, RecursionError) as error:
        raise MalformedRecord(
            f"The {name} of an OCMF record is not JSON: {error}.{_retyped(section)}"
        ) from error
    if not isinstance(content, dict):
        raise MalformedRecord(f"The {name} of an OCMF record is not a JSON object.")
    return content


def _retyped(section: bytes) -> str:
    """A hint where a word processor has been at work: no meter writes such marks."""
    if not any(mark in section.decode("utf-8", "replace") for mark in TYPOGRAPHIC):
        return ""
    return " It has typographic quotation marks or blanks; copy it from where it first stood."


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is no number of a meter")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """A field that stands twice would let two readers see two values under one signature."""
    content = dict(pairs)
    if len(content) < len(pairs):
        raise ValueError("a field stands there twice")
    return content


def _version(payload: Mapping[str, Any]) -> tuple[str, tuple[str, ...]]:
    """The version, and a finding's code where it is newer; FV may be missing before 1.0.

    Some meters write the revision too, which says nothing of the format.
    Raises: MalformedRecord; UnsupportedRecord for a format that has changed from the ground up.
    """
    version = _text(payload, "FV")
    match = _VERSION.fullmatch(version)
    if version and not match:
        raise MalformedRecord(f"The format version (FV) {version[:20]!r} is not a version.")
    if match and int(match[1]) > NEWEST[0]:
        raise UnsupportedRecord(
            f"OCMF version {version} is another format than those known here (0.1 to 1.4)."
        )
    is_newer = match is not None and (int(match[1]), int(match[2])) > NEWEST
    return version, ("newer_version",) if is_newer else ()


def _signature(signed: Mapping[str, Any]) -> Signature:
    algorithm = _text(signed, "SA") or DEFAULT_ALGORITHM
    match = _ALGORITHM.fullmatch(algorithm)
    curve = curve_named(match[1]) if match else None
    if match is None or curve is None or match[2].upper() not in HASHES:
        raise UnsupportedRecord(f"Signatures by {algorithm[:60]!r} are not verified here.")
    if _text(signed, "SM") not in {"", "application/x-der"}:
        raise UnsupportedRecord("Only signatures in DER (SM application/x-der) are verified here.")
    try:
        scalars = read_scalars(_signature_bytes(signed), curve.size)
    except TrailingBytes as error:
        raise MalformedRecord(f"The signature (SD) is too long: {error}.") from error
    except NotDer as error:
        raise MalformedRecord(f"The signature (SD) cannot be read: {error}.") from error
    return Signature(curve, match[2].upper(), scalars.r, scalars.s, scalars.canonical)


def _signature_bytes(signed: Mapping[str, Any]) -> bytes:
    text, encoding = _text(signed, "SD"), _text(signed, "SE") or "hex"
    if not text:
        raise MalformedRecord("The signature (SD) is missing.")
    try:
        if encoding == "hex" and _HEX.fullmatch(text):
            return bytes.fromhex(text)
        if encoding == "base64":
            return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        pass
    raise MalformedRecord(f"The signature (SD) is not {encoding[:20]}.")


def _meters(payload: Mapping[str, Any]) -> tuple[str, ...]:
    names = (_name(payload, "MS"), _name(payload, "GS"))
    return tuple(dict.fromkeys(name for name in names if name))


def _page(value: object) -> tuple[str, int] | None:
    match = _PAGE.fullmatch(value) if isinstance(value, str) else None
    return (match[1].upper(), int(match[2])) if match else None


def _text(fields: Mapping[str, Any], name: str) -> str:
    return read_text(fields.get(name))


def _name(fields: Mapping[str, Any], name: str) -> str:
    """What identifies a meter, a driver or a place. Raises: MalformedRecord when endless."""
    text = _text(fields, name)
    if len(text) > LONGEST_NAME:
        raise MalformedRecord(f"{name} has more than {LONGEST_NAME} characters.")
    return text
