"""The XML of the S.A.F.E. transparency software: `values/value/signedData, publicKey`."""

import base64
import binascii
from xml.etree.ElementTree import Element, ParseError  # types; parsing is defusedxml's

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from charging.domain.meters.carriage import text
from charging.domain.meters.carried import Carried
from charging.errors import UnreadableMessage


def read(data: bytes) -> list[Carried]:
    """Every signed value with its key. Entities and external references are refused.

    Raises: UnreadableMessage.
    """
    try:
        root = fromstring(data, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError) as error:
        raise UnreadableMessage(f"The file looks like XML but cannot be read: {error}.") from error
    values = [each for each in root.iter() if _name(each) == "value"]
    return [carried for value in values for carried in _carried(value)]


def _carried(value: Element) -> list[Carried]:
    parts = {_name(part): part for part in value}
    key = parts.get("publicKey")
    key_text = (key.text or "").strip() if key is not None else ""
    return [
        Carried(_decoded(part), key_text)
        for part in value
        if _name(part) in {"signedData", "encodedData"}
    ]


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


def _name(element: Element) -> str:
    return str(element.tag).rpartition("}")[2]
