"""Files that no importer should swallow, for meters and for charges alike."""

import gzip
import io
import os
import random
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

GIGABYTE = 1 << 30


@dataclass(frozen=True, slots=True)
class Table:
    """A good file of one kind: its header, and a good row below it."""

    header: str
    row: str

    @property
    def text(self) -> str:
        return f"{self.header}\n{self.row}\n"


def workbook(table: Table) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as book:
        book.writestr("[Content_Types].xml", "<Types/>")
        book.writestr("xl/worksheets/sheet1.xml", b"0" * 50_000_000)
    return packed.getvalue()


def bomb(table: Table) -> bytes:
    """130 kB that unpack to 135 MB of rows."""
    line = f"{table.row}\n".encode()
    return gzip.compress(table.header.encode() + b"\n" + line * (135_000_000 // len(line)), 1)


def garbage(table: Table) -> bytes:
    return random.Random(2018).randbytes(100_000)


def many_columns(table: Table) -> bytes:
    names = ",".join(f"c{n}" for n in range(1_000_000))
    return f"{table.header},{names}\n{table.row}\n".encode()


def one_long_line(table: Table) -> bytes:
    """A row of 100 MB, packed so that it is no larger than may be sent."""
    return gzip.compress(f"{table.header}\n".encode() + b"7" * 100_000_000, 1)


# What makes a good file bad, and a part of the sentence that says so.
BAD: dict[str, tuple[Callable[[Table], bytes], str]] = {
    "wrong encoding": (lambda t: t.text.encode() + b"\xe9t\x81\n", "UTF-8"),
    "UTF-16, cut off": (lambda t: t.text.encode("utf-16")[:-1], "UTF-16"),
    "missing columns": (lambda t: b"some,other,columns\n1,2,3\n", "column"),
    "header only": (lambda t: f"{t.header}\n".encode(), "no "),
    "empty": (lambda t: b"", "nothing"),
    "workbook": (workbook, "ZIP"),
    "gzip bomb": (bomb, "larger than|more than"),
    "damaged gzip": (lambda t: gzip.compress(t.text.encode())[:-6], "damaged"),
    "garbage": (garbage, "UTF-8|binary|zero byte"),
    "zero byte": (lambda t: t.text.encode() * 500 + b"a\0b\n", "zero byte"),
    "a million columns": (many_columns, "columns|characters|too long"),
    "one long line": (one_long_line, "characters|too long"),
}


def sparse_gigabyte(folder: Path) -> Path:
    """A file of 1 GB that takes no room on the disk."""
    path = folder / "gigabyte.csv"
    with path.open("wb") as file:
        os.truncate(file.fileno(), GIGABYTE)
    return path
