"""Find the signed records in whatever a person or a machine hands in."""

from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE

from charging.domain.meters.carriage import objects, safe_xml, text
from charging.domain.meters.carried import Carried
from charging.errors import UnreadableMessage

MOST_BYTES = 1024 * 1024
MOST_RECORDS = 100  # some curves take 20 ms each


def read(data: bytes) -> list[Carried]:
    """Plain text, OCPI or OCPP in JSON, or S.A.F.E.'s XML; at least one record.

    Raises: UnreadableMessage.
    """
    if len(data) > MOST_BYTES:
        raise UnreadableMessage(f"The file is larger than {MOST_BYTES // 1024:,} kB.")
    if data.startswith((BOM_UTF16_LE, BOM_UTF16_BE)):  # as an editor of Windows may save text
        data = data.decode("utf-16", "replace").encode()
    bare = text.unquoted(data.removeprefix(BOM_UTF8).strip()).strip()
    if not bare:
        raise UnreadableMessage("The file is empty.")
    found = _found(bare)
    if not found:
        raise UnreadableMessage(
            "No signed meter value was found. It begins with OCMF|, AP;, 128.8.0 or 1B1B1B1B, or "
            "stands in an OCPI or OCPP message, or in XML of the S.A.F.E. software or Mennekes."
        )
    if len(found) > MOST_RECORDS:
        raise UnreadableMessage(f"The file holds more than {MOST_RECORDS} signed values.")
    return found


def _found(bare: bytes) -> list[Carried]:
    if text.is_record(bare):
        return text.read(bare)
    if bare.startswith(b"<"):
        return safe_xml.read(bare)
    if bare.startswith((b"{", b"[")):
        return objects.read(bare)
    opened = text.unpack(bare)
    if opened is not None and opened.lstrip().startswith(b"<"):
        return safe_xml.read(opened)
    return text.read(bare if opened is None else opened)
