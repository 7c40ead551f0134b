"""An archive made on the way: whole, the same every time, and never held in memory."""

import io
import zipfile

from hypothesis import given
from hypothesis import strategies as st

from ledger.domain.zip_stream import zip_stream

names = st.text("abcdefgh/.", min_size=1, max_size=20).filter(lambda name: not name.endswith("/"))
contents = st.lists(st.binary(max_size=200), max_size=5)


@given(st.dictionaries(names, contents, max_size=6))
def test_what_goes_in_comes_out_and_twice_is_the_same(files):
    made = b"".join(zip_stream(files.items()))
    assert made == b"".join(zip_stream(files.items()))
    with zipfile.ZipFile(io.BytesIO(made)) as archive:
        assert archive.testzip() is None
        assert archive.namelist() == list(files)
        for name, chunks in files.items():
            assert archive.read(name) == b"".join(chunks)


def test_a_piece_comes_out_before_the_next_file_is_made():
    asked = []

    def files():
        for number in range(3):
            asked.append(number)
            yield f"{number}.txt", [bytes(range(256)) * 4_000]

    stream = zip_stream(files())
    next(stream)
    assert asked == [0]
