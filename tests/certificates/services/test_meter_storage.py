"""Uploads are kept once, and only what is CSV is opened."""

import gzip
import io
import zipfile

import pytest

from certificates.errors import MeterFileRefused, UploadTooLarge, WrongEncoding, WrongFormat
from certificates.services.meter_storage import opened, store


def read(content: bytes) -> bytes:
    with opened(store(io.BytesIO(content)).path) as stream:
        return stream.read()


def archive() -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as book:
        book.writestr("xl/worksheets/sheet1.xml", b"0" * 1_000_000)
    return packed.getvalue()


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


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_a_zip_bomb_in_xlsx_clothing_is_named_and_never_unpacked(pack, data_dir):
    with pytest.raises(WrongFormat, match="Excel workbook or a ZIP"):
        read(pack(archive()))


def test_a_gzip_bomb_is_refused_by_its_unpacked_size(data_dir, settings):
    settings.UPLOAD_LIMIT_BYTES = 1 << 20
    with pytest.raises(UploadTooLarge, match="Unpacked"):
        read(gzip.compress(b"0" * (3 << 20)))


@pytest.mark.parametrize("content", [b"\xff\xfea\0,\0", b"\xfe\xff\0a\0,"])
def test_utf_16_is_refused_with_the_remedy(content, data_dir):
    with pytest.raises(WrongEncoding, match="CSV UTF-8"):
        read(content)


@pytest.mark.parametrize("content", [b"\xd0\xcf\x11\xe0", b"%PDF-1.7", b"a\0b"])
def test_other_kinds_of_file_are_refused(content, data_dir):
    with pytest.raises(WrongFormat):
        read(content)


@pytest.mark.parametrize("spoil", [lambda b: b[:-9], lambda b: b[:2] + b"\0" * 20])
def test_a_damaged_gzip_is_refused(spoil, data_dir):
    with pytest.raises(MeterFileRefused, match="damaged"):
        read(spoil(gzip.compress(b"a,b\n" * 1000)))
