"""What somebody meant by the text in the look-up box."""

import re
from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What a text can name."""

    CERTIFICATE = "certificate"
    PLANT = "plant"
    BLOCK = "block"
    RECEIPT = "receipt"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a text names, and the numbers in it."""

    kind: Kind
    gsrn: str = ""
    number: int = 0
    public_id: str = ""


CERTIFICATE = re.compile(r"^(?:.*/certificates/)?(\d{18})\s*[/#]\s*(\d{1,12})/?$")
PLANT = re.compile(r"^(?:.*/plants/)?(\d{18})/?$")
BLOCK = re.compile(r"^(?:.*/blocks/|block\s*(?:no\.?\s*)?)?(\d{1,12})/?$", re.IGNORECASE)
RECEIPT_LINK = re.compile(r"^.*/r/([\w-]{16,40})/?(?:[?#].*)?$")
RECEIPT_ID = re.compile(r"^[\w-]{22,40}$")
GROUPING = re.compile(r"(?<=\d)[\s,.\u202f\u00a0](?=\d)")


def meaning(text: str) -> Meaning:
    """Read the text as a certificate, receipt, plant or block, in that order.

    Digits may be grouped by blanks, commas or dots, as people write long numbers.
    """
    text = text.strip()
    if link := RECEIPT_LINK.match(text):
        return Meaning(Kind.RECEIPT, public_id=link[1])
    plain = GROUPING.sub("", text)
    if certificate := CERTIFICATE.match(plain):
        return Meaning(Kind.CERTIFICATE, gsrn=certificate[1], number=int(certificate[2]))
    if plant := PLANT.match(plain):
        return Meaning(Kind.PLANT, gsrn=plant[1])
    if block := BLOCK.match(plain):
        return Meaning(Kind.BLOCK, number=int(block[1]))
    if RECEIPT_ID.match(text):
        return Meaning(Kind.RECEIPT, public_id=text)
    return Meaning(Kind.NOTHING)
