"""Keeping uploaded files: streamed to disk once, named by their content."""

import fcntl
import gzip
import hashlib
import os
import tempfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import BinaryIO

from django.conf import settings

from certificates.errors import MeterFileRefused, UploadTooLarge

PIECE = 1 << 20
METER, IMPORTS, DOCUMENTS = FOLDERS = ("meter", "imports", "documents")
DRAFT = "upload-"
DRAFT_AGE = timedelta(days=1)  # no upload takes longer
UNPACKED_FACTOR = 2  # a packed file may unpack to so many times the upload limit
GZIP = b"\x1f\x8b"


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file kept under MEDIA_ROOT. `stored_as` is its path there, `size` in bytes."""

    sha256: str
    stored_as: str
    size: int

    @property
    def path(self) -> Path:
        return Path(settings.MEDIA_ROOT) / self.stored_as

    @property
    def gsrn(self) -> str:
        """The plant in whose folder it lies."""
        return Path(self.stored_as).parent.name


def store(stream: BinaryIO, folder_name: str = METER, most_bytes: int | None = None) -> StoredFile:
    """Copy an upload to disk under its SHA-256; in one folder the same content is kept once.

    No more than `most_bytes`, or than any upload may have.

    Raises: UploadTooLarge, after which nothing is left behind.
    """
    with _draft(stream, folder_name, most_bytes) as (draft, stored):
        draft.replace(stored.path)
    return stored


@contextmanager
def stored_while_used(
    stream: BinaryIO, is_used: Callable[[StoredFile], bool]
) -> Iterator[StoredFile]:
    """Store a meter file for a block, and after it only where `is_used` says that rows refer to it.

    Uploads of one content at the same time share the file, whoever they are for. Each holds a
    lock on it, which the system lets go when a process ends; the last one decides.
    Raises: UploadTooLarge, after which nothing is left behind.
    """
    with _draft(stream, METER) as (draft, stored):
        lock = _shared(draft, stored.path)
    with lock:
        try:
            yield stored
        finally:
            # What comes now waits for this lock, and finds that the file is gone.
            if _is_alone(lock) and not is_used(stored):
                stored.path.unlink(missing_ok=True)


@contextmanager
def _draft(
    stream: BinaryIO, folder_name: str, most_bytes: int | None = None
) -> Iterator[tuple[Path, StoredFile]]:
    folder = _folder(folder_name)
    folder.mkdir(parents=True, exist_ok=True)
    digest, size = hashlib.sha256(), 0
    limit = most_bytes or settings.UPLOAD_LIMIT_BYTES
    handle, draft = tempfile.mkstemp(dir=folder, prefix=DRAFT)
    try:
        with os.fdopen(handle, "wb") as target:
            while piece := stream.read(PIECE):
                size += len(piece)
                if size > limit:
                    raise UploadTooLarge(
                        f"The file is larger than {_megabytes(limit)}. "
                        "Split it by month, or pack it with gzip."
                    )
                digest.update(piece)
                target.write(piece)
        name = digest.hexdigest()
        yield Path(draft), StoredFile(name, f"{folder_name}/{name}", size)
    finally:
        Path(draft).unlink(missing_ok=True)


def _shared(draft: Path, path: Path) -> BinaryIO:
    """The content under its name, put there unless it is there, with a lock beside others'."""
    while True:
        with suppress(FileExistsError):
            os.link(draft, path)
        try:
            file = path.open("r+b")
        except FileNotFoundError:  # another upload has just taken it away
            continue
        fcntl.flock(file, fcntl.LOCK_SH)
        if _is_named(file, path):
            return file
        file.close()


def _is_named(file: BinaryIO, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(file.fileno()), path.stat())
    except FileNotFoundError:
        return False


def _is_alone(lock: BinaryIO) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def drop_drafts(*, now: datetime) -> None:
    """Remove what uploads that were cut off have left behind."""
    for name in FOLDERS:
        for draft in _folder(name).rglob(f"{DRAFT}*"):
            if is_old(draft, now):
                draft.unlink(missing_ok=True)


def of_plant(folder_name: str, gsrn: str) -> str:
    """The folder of one plant, so that what is dropped for one is never another's."""
    return f"{folder_name}/{gsrn}"


def stored_before(name: str, *, now: datetime) -> Iterator[StoredFile]:
    """The files in the folders of plants that were stored, the last time, over a day ago."""
    for path in _folder(name).glob("*/*"):
        if not path.name.startswith(DRAFT) and is_old(path, now):
            stored_as = f"{of_plant(name, path.parent.name)}/{path.name}"
            yield StoredFile(path.name, stored_as, path.stat().st_size)


def is_old(path: Path, now: datetime) -> bool:
    """Whether a file was written over a day ago."""
    return now.timestamp() - path.stat().st_mtime > DRAFT_AGE.total_seconds()


def _folder(name: str) -> Path:
    return Path(settings.MEDIA_ROOT) / name


@contextmanager
def opened(path: Path) -> Iterator[BinaryIO]:
    """The content of a file, unpacked where its first bytes say gzip.

    Raises: UploadTooLarge (unpacked), MeterFileRefused.
    """
    try:
        with path.open("rb") as plain:
            packed = plain.read(2) == GZIP
    except OSError as error:
        raise MeterFileRefused(f"The file is not kept here any more ({error.strerror}).") from error
    if not packed:
        with path.open("rb") as stream:
            yield stream
        return
    try:
        _check_unpacked_size(path)
        with gzip.open(path, "rb") as unpacked:
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


def _megabytes(size: int) -> str:
    return f"{size / (1 << 20):.0f} MB" if size >= 1 << 20 else f"{size} bytes"
