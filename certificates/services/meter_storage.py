"""Keeping uploaded files: streamed to disk once, named by their content."""

import gzip
import hashlib
import os
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import BinaryIO

from django.conf import settings

from certificates.errors import MeterFileRefused, UploadTooLarge, WrongEncoding, WrongFormat

PIECE = 1 << 20
DRAFT = "upload-"
DRAFT_AGE = timedelta(days=1)  # no upload takes longer
UNPACKED_FACTOR = 2  # a packed file may unpack to so many times the upload limit
GZIP = b"\x1f\x8b"
SAVE_AS_CSV = "Open it in the program that made it and save it as CSV."
FOREIGN = {
    b"PK\x03\x04": f"This is an Excel workbook or a ZIP archive, not CSV. {SAVE_AS_CSV}",
    b"PK\x05\x06": f"This is an empty ZIP archive, not CSV. {SAVE_AS_CSV}",
    b"\xd0\xcf\x11\xe0": f"This is an old Excel workbook, not CSV. {SAVE_AS_CSV}",
    b"%PDF": "This is a PDF, not CSV. Export the meter data as CSV.",
}


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file kept under MEDIA_ROOT. `stored_as` is its path there, `size` in bytes."""

    sha256: str
    stored_as: str
    size: int

    @property
    def path(self) -> Path:
        return Path(settings.MEDIA_ROOT) / self.stored_as


def store(stream: BinaryIO) -> StoredFile:
    """Copy an upload to disk under its SHA-256; the same content is kept once.

    Raises: UploadTooLarge, after which nothing is left behind.
    """
    folder = _folder()
    folder.mkdir(parents=True, exist_ok=True)
    digest, size = hashlib.sha256(), 0
    handle, draft = tempfile.mkstemp(dir=folder, prefix=DRAFT)
    try:
        with os.fdopen(handle, "wb") as target:
            while piece := stream.read(PIECE):
                size += len(piece)
                if size > settings.UPLOAD_LIMIT_BYTES:
                    raise UploadTooLarge(
                        f"The file is larger than {_megabytes(settings.UPLOAD_LIMIT_BYTES)}. "
                        "Split it by month, or pack it with gzip."
                    )
                digest.update(piece)
                target.write(piece)
        name = digest.hexdigest()
        Path(draft).replace(folder / name)
    finally:
        Path(draft).unlink(missing_ok=True)
    return StoredFile(name, f"meter/{name}", size)


def drop_drafts(*, now: datetime) -> None:
    """Remove what uploads that were cut off have left behind."""
    for draft in _folder().glob(f"{DRAFT}*"):
        if now.timestamp() - draft.stat().st_mtime > DRAFT_AGE.total_seconds():
            draft.unlink(missing_ok=True)


def _folder() -> Path:
    return Path(settings.MEDIA_ROOT) / "meter"


@contextmanager
def opened(path: Path) -> Iterator[BinaryIO]:
    """The unpacked content of a CSV file, plain or gzip, told by its first bytes.

    Raises: WrongFormat, WrongEncoding, UploadTooLarge (unpacked), MeterFileRefused.
    """
    try:
        with path.open("rb") as plain:
            packed = plain.read(2) == GZIP
    except OSError as error:
        raise MeterFileRefused(f"The file is not kept here any more ({error.strerror}).") from error
    if not packed:
        with path.open("rb") as stream:
            _check_kind(stream)
            yield stream
        return
    try:
        _check_unpacked_size(path)
        with gzip.open(path, "rb") as unpacked:
            _check_kind(unpacked)  # type: ignore[arg-type]
            yield unpacked  # type: ignore[misc]
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise MeterFileRefused(f"The gzip file is damaged ({error}). Pack it again.") from error


def _check_unpacked_size(path: Path) -> None:
    limit, size = settings.UPLOAD_LIMIT_BYTES * UNPACKED_FACTOR, 0
    with gzip.open(path, "rb") as unpacked:
        while piece := unpacked.read(PIECE):
            size += len(piece)
            if size > limit:
                raise UploadTooLarge(
                    f"Unpacked, the file is larger than {_megabytes(limit)}. Split it by month."
                )


def _check_kind(stream: BinaryIO) -> None:
    head = stream.read(4096)
    stream.seek(0)
    for magic, sentence in FOREIGN.items():
        if head.startswith(magic):
            raise WrongFormat(sentence)
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise WrongEncoding("The file is UTF-16 text. Save it as CSV UTF-8.")
    if b"\0" in head:
        raise WrongFormat("The file is binary, not CSV. Export the meter data as CSV.")


def _megabytes(size: int) -> str:
    return f"{size / (1 << 20):.0f} MB" if size >= 1 << 20 else f"{size} bytes"
