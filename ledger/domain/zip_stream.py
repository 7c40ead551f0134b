"""A ZIP archive as a stream of bytes, the same for the same files."""

import zipfile
from collections.abc import Iterable, Iterator

# The first instant that the format knows; when an archive was made is not part of it.
EPOCH = (1980, 1, 1, 0, 0, 0)
UNIX = 3
REGULAR_FILE = 0o100644 << 16
LEVEL = 6

File = tuple[str, Iterable[bytes]]


class _Sink:
    """Takes what the archive writes until somebody fetches it; it cannot be rewound."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def write(self, data: bytes) -> int:
        self._parts.append(bytes(data))
        return len(data)

    def flush(self) -> None:
        """Nothing is held back."""

    def fetch(self) -> bytes:
        data = b"".join(self._parts)
        self._parts.clear()
        return data


def zip_stream(files: Iterable[File]) -> Iterator[bytes]:
    """The archive piece by piece, while its files are being made.

    Equal names and contents in equal order give equal bytes (under one version of zlib).
    Who is cut off in between is left with no archive: its directory comes last.
    """
    sink = _Sink()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED, compresslevel=LEVEL) as archive:  # type: ignore[call-overload]
        for name, chunks in files:
            member = zipfile.ZipInfo(name, EPOCH)
            member.compress_type = zipfile.ZIP_DEFLATED
            member.create_system, member.external_attr = UNIX, REGULAR_FILE
            with archive.open(member, "w") as stream:
                for chunk in chunks:
                    stream.write(chunk)
                    if data := sink.fetch():
                        yield data
    yield sink.fetch()
