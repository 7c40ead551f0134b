"""A file's format is told by what is inside, and what it leaves open is asked."""

import io

import pytest

from certificates.domain.formats.build import build
from certificates.domain.formats.file import TEXTS, demand_settled, format_of, layout_of
from certificates.domain.meter_file import parse
from certificates.errors import (
    ChoiceNeeded,
    ChoiceRefused,
    MeterFileRefused,
    WrongEncoding,
    WrongFormat,
)
from tests.certificates.domain.formats.making import (
    GOOD,
    basis,
    built,
    entsoe,
    espi,
    is_complete,
    mscons,
    reading,
    table,
)


def stream(content: bytes):
    return io.BytesIO(content)


@pytest.mark.parametrize("kind", GOOD)
def test_the_format_is_told_by_the_content(kind):
    assert format_of(stream(GOOD[kind])) == kind


@pytest.mark.parametrize("kind", sorted(set(GOOD) - {"xlsx"}))
def test_a_byte_order_mark_changes_nothing(kind):
    marked = b"\xef\xbb\xbf" + GOOD[kind]
    assert format_of(stream(marked)) == kind
    assert built(marked).lines.wh == built(GOOD[kind]).lines.wh


@pytest.mark.parametrize("kind", GOOD)
def test_every_format_gives_the_same_first_amount_and_counts_every_line(kind):
    one = built(GOOD[kind])
    assert one.lines.wh[0] == 1500
    assert is_complete(one)


@pytest.mark.parametrize("kind", GOOD)
def test_nothing_grave_is_open_in_a_file_that_says_it_all(kind):
    demand_settled(reading(GOOD[kind]))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("kind", sorted(TEXTS))
def test_text_is_read_in_any_encoding(kind, encoding):
    content = GOOD[kind].decode()
    read = reading(content.replace("Name of", "Gerät").encode(encoding))
    assert (read.format, list(built(content).lines.wh)) == (kind, wh_of(read))


def wh_of(read):
    return list(build(read.series, read.key, read.choices).lines.wh)


def test_letters_that_are_not_utf_8_are_read_as_windows_1252_and_that_is_said():
    text = "start_utc,Süd kWh\n2018-01-01T00:00,1\n2018-01-01T01:00,2\n"
    read = reading(text.encode("cp1252"))
    assert read.names == ["start_utc", "Süd kWh"]
    assert [code for code, _ in read.series.notes] == ["other_encoding"]
    assert reading(text).series.notes == []


@pytest.mark.parametrize("kind", ["espi", "json", "mscons"])
def test_utf_16_where_no_text_of_it_can_be_is_refused_with_the_remedy(kind):
    with pytest.raises(WrongEncoding, match="Save it as UTF-8"):
        format_of(stream(GOOD[kind].decode().encode("utf-16")))


def test_utf_16_that_is_cut_off_is_refused():
    with pytest.raises(WrongEncoding, match="none to its end"):
        reading(GOOD["csv"].decode().encode("utf-16")[:-1])


@pytest.mark.parametrize("content", ["<!DOCTYPE html><html>", "\n <HTML><body>Log in"])
def test_a_web_page_in_place_of_a_file_is_named(content):
    with pytest.raises(WrongFormat, match="web page"):
        reading(content)


@pytest.mark.parametrize("content", ["", " \n\n ", "\ufeff"])
def test_an_empty_file_is_called_empty(content):
    with pytest.raises(WrongFormat, match="empty"):
        reading(content)


@pytest.mark.parametrize("content", [b"\xd0\xcf\x11\xe0", b"%PDF-1.7", b"a\0b", b"PK\x05\x06"])
def test_other_kinds_of_file_are_refused(content):
    with pytest.raises(WrongFormat):
        format_of(stream(content))


def test_several_registers_are_asked_about_and_one_can_be_chosen():
    text = entsoe(
        ("2018-01-01 00:00", "PT30M", "CTA", "U1", "1", ""),
        ("2018-01-01 00:00", "PT30M", "CTA", "U2", "2", ""),
    )
    with pytest.raises(ChoiceNeeded, match="U1 Name of U1, U2 Name of U2"):
        parse(stream(text.encode()), {})
    assert parse(stream(text.encode()), {"@key": "U2"}).wh[0] == 1_000_000


def test_plants_in_a_column_are_found_wherever_they_stand():
    hours = [(plant, hour, hour % 7) for plant in "ABC" for hour in range(24)]
    rows = [f"2018-01-01T{hour:02}:00Z,{plant},{kwh}" for plant, hour, kwh in hours]
    text = table("start,plant,kwh", *rows)
    read = reading(text)
    assert basis(read, "key") == ("", "open")
    assert [one.selection for one in read.registers] == [{"plant": name} for name in "ABC"]
    assert list(built(text, {"plant": "B"}).lines.wh) == [1000 * (n % 7) for n in range(24)]


def test_plants_in_columns_are_found_by_their_units():
    text = table("start_utc,T1 kWh,T2 kWh", "2018-01-01T00:00,1,3", "2018-01-01T01:00,2,4")
    read = reading(text)
    assert [one.selection for one in read.registers] == [
        {"@energy": "T1 kWh"},
        {"@energy": "T2 kWh"},
    ]
    assert list(built(text, {"@energy": "T2 kWh"}).lines.wh) == [3000, 4000]


def test_a_zone_is_never_guessed_by_a_door_that_shows_nothing():
    text = table("timestamp,kwh", "2018-01-01 00:00,1", "2018-01-01 01:00,2").encode()
    with pytest.raises(ChoiceNeeded, match="zone") as asked:
        parse(stream(text), {})
    assert asked.value.choice == "zone"
    assert parse(stream(text), {"@zone": "+10:00"}).minute[0] % 1440 == 14 * 60


@pytest.mark.parametrize(
    ("selection", "words"),
    [
        ({"@unit": "joule"}, "one of"),
        ({"@zone": "Mars/Olympus"}, "no time zone"),
        ({"@colour": "red"}, "no choice"),
        ({"@zone": "../../etc/passwd"}, "no time zone"),
    ],
)
def test_a_choice_that_cannot_be_is_refused_in_words(selection, words):
    with pytest.raises(ChoiceRefused, match=words):
        reading(GOOD["csv"], selection)


@pytest.mark.parametrize("content", [espi(1), mscons("1")])
def test_a_format_that_settles_its_unit_refuses_another(content):
    with pytest.raises(ChoiceRefused, match="settles @unit itself"):
        reading(content, {"@unit": "mwh"})


def test_a_column_of_a_format_without_columns_is_refused():
    with pytest.raises(ChoiceRefused, match="@key"):
        reading(espi(1), {"turbine": "2"})


def test_an_unknown_register_is_asked_about_again():
    with pytest.raises(ChoiceNeeded):
        built(espi(1), {"@key": "somewhere else"})


def test_the_layout_of_two_files_of_one_portal_is_the_same():
    first = table("timestamp,kwh", "2018-01-01 00:00,1").encode()
    second = table("timestamp,kwh", "2019-01-01 00:00,7").encode()
    assert layout_of(stream(first)) == layout_of(stream(second)) == ("csv", ["timestamp", "kwh"])


def test_xml_that_is_no_green_button_is_refused():
    with pytest.raises(MeterFileRefused, match="no IntervalReading"):
        reading("<office><body>Log in</body></office>")
