from datetime import UTC, datetime

from django.utils import formats, translation


def test_an_instant_is_written_with_24_hours_and_its_zone():
    with translation.override("en-gb"):
        written = formats.localize(datetime(2018, 12, 31, 23, tzinfo=UTC))
    assert written == "31 Dec 2018, 23:00 UTC"
