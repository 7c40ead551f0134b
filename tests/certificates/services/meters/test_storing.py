"""Uploads are kept once, and unpacked within limits."""

import gzip
import io

import pytest

from certificates.errors import UploadTooLarge
from certificates.services.meters.storing import opened, store


def read(content: bytes) -> bytes:
    with opened(store(io.BytesIO(content)).path) as stream:
        return stream.read()


def test_plain_and_packed_content_read_the_same(data_dir):
    assert read(b"a,b\n") == b"a,b\n" == read(gzip.compress(b"a,b\n"))


def test_the_same_content_is_kept_once(data_dir):
    one, two = (store(io.BytesIO(b"a,b\n")) for _ in range(2))
    assert one == two
    assert [path.name for path in one.path.parent.iterdir()] == [one.sha256]


def test_an_endless_upload_is_stopped_and_leaves_nothing(data_dir, settings):
    settings.UPLOAD_LIMIT_BYTES = 3 << 20

    class Endless:
        taken = 0

        def read(self, size: int) -> bytes:
            self.taken += size
            return b"x" * size

    stream = Endless()
    with pytest.raises(UploadTooLarge, match="larger than 3 MB"):
        store(stream)
    assert stream.taken <= 5 << 20
    assert list((data_dir / "uploads" / "meter").iterdir()) == []


def test_a_gzip_bomb_is_refused_by_its_unpacked_size(data_dir, settings):
    settings.UPLOAD_LIMIT_BYTES = 1 << 20
    with pytest.raises(UploadTooLarge, match="Unpacked"):
        read(gzip.compress(b"0" * (3 << 20)))
