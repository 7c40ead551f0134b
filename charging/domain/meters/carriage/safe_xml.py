"""Signed values in XML: of the S.A.F.E. transparency software, of Mennekes' export, and bare.

S.A.F.E.: `values/value/signedData, publicKey`; the signed data may itself be XML of EDL40.
"""

import base64
import binascii
from collections.abc import Iterator
from xml.etree.ElementTree import Element, ParseError  # types; parsing is defusedxml's

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from charging.domain.meters import edl40_xml
from charging.domain.meters.carriage import edl40_records, text
from charging.domain.meters.carried import Carried, Stated
from charging.domain.meters.edl40_xml import local_name
from charging.errors import UnreadableMessage


def read(data: bytes) -> list[Carried]:
    """Every signed value with its key. Entities and external references are refused.

    Raises: UnreadableMessage.
    """
    return [carried for element in _root(data).iter() for carried in _records(element)]


def inside(data: bytes, key: str, stated: Stated | None) -> Iterator[Carried]:
    """The records of XML that a carrier brought as signed data, with the carrier's key.

    What cannot be read is handed on, so that it is named instead of lost.
    """
    try:
        root = _root(data)
    except UnreadableMessage:
        found = []
    else:
        found = [record for element in root.iter() for record in edl40_records.records(element)]
    for record in found or [data]:
        yield Carried(record, key, stated)


def _root(data: bytes) -> Element:
    try:
        root: Element = fromstring(data, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError) as error:
        raise UnreadableMessage(f"The file looks like XML but cannot be read: {error}.") from error
    return root


def _records(element: Element) -> Iterator[Carried]:
    if local_name(element) != "value":
        for record in edl40_records.records(element):
            yield Carried(record)
        return
    parts = {local_name(part): part for part in element}
    key = parts.get("publicKey")
    key_text = (key.text or "").strip() if key is not None else ""
    for part in element:
        holds_xml = len(part) and not (part.text or "").strip()  # found further down
        if local_name(part) in {"signedData", "encodedData"} and not holds_xml:
            record = _decoded(part)
            if record.startswith(edl40_xml.HEADER):
                yield from inside(record, key_text, None)
            else:
                yield Carried(record, key_text)


def _decoded(part: Element) -> bytes:
    """The record by its `encoding`; where that names nothing true, as it stands."""
    raw = (part.text or "").strip().encode()
    if text.is_record(raw):
        return raw
    if part.get("encoding") == "base32":
        try:
            return base64.b32decode(raw)
        except (binascii.Error, ValueError):
            return raw
    return text.unpack(raw) or raw
