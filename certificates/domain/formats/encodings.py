"""Which encoding the text of a table has: a mark says it, or the bytes show it.

Numbers and times are ASCII in all of them; only letters of names can be taken wrongly.
"""

import codecs
import re
from typing import BinaryIO

PIECE = 1 << 20
UTF_8, UTF_16, WINDOWS = "utf-8-sig", "utf-16", "cp1252"
MARKS_OF_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
# Bytes that stand in no text, or for no letter of Windows-1252.
NO_TEXT = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\x81\x8d\x8f\x90\x9d]")
SAID = (
    "The file's text is not UTF-8; it was read as Windows-1252, as older programs of Western "
    "Europe write. Only letters of names can look wrong, numbers and times cannot."
)


def encoding_of(stream: BinaryIO) -> str:
    """UTF-16 by its mark; UTF-8 where the whole file is; Windows-1252 where that can be text.

    Where nothing fits, UTF-8, so that who reads it finds the first bad byte.
    """
    stream.seek(0)
    if stream.read(2) in MARKS_OF_UTF_16:
        return UTF_16
    if _is_utf_8(stream):
        return UTF_8
    stream.seek(0)
    while piece := stream.read(PIECE):
        if NO_TEXT.search(piece):
            return UTF_8
    return WINDOWS


def text_of_head(head: bytes) -> bytes:
    """The first bytes of a file as UTF-8, where they are UTF-16."""
    if not head.startswith(MARKS_OF_UTF_16):
        return head
    return head.decode(UTF_16, errors="ignore").encode()


def _is_utf_8(stream: BinaryIO) -> bool:
    stream.seek(0)
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        while piece := stream.read(PIECE):
            decoder.decode(piece)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True
