"""What contradicts itself in a file is named with a code and a sentence."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from certificates.domain.formats.build import build
from certificates.domain.formats.findings import findings
from certificates.domain.formats.infer import NO_HINTS, Hints
from tests.certificates.domain.formats.making import espi, local_days, reading, table

FIRST = datetime.fromisoformat("2019-10-26T00:00")
SUN = Hints(capacity_w=100_000, is_solar=True, longitude=-117.0)


def codes(text: str, selection=None, hints: Hints = NO_HINTS) -> list[str]:
    return [one["code"] for one in found(text, selection, hints)]


def found(text: str, selection=None, hints: Hints = NO_HINTS) -> list[dict[str, str]]:
    read = reading(text, selection, hints)
    one = build(read.series, read.key, read.choices, hints)
    return findings(one, read.choices, read.series.registers[read.key], hints)


def quarters(zone: str, hours: int = 72) -> list[datetime]:
    return local_days(FIRST, hours, 15, ZoneInfo(zone))


def written(labels: list[datetime], name="timestamp") -> str:
    return table(f"{name},kwh", *[f"{at:%Y-%m-%d %H:%M},1" for at in labels])


def test_a_day_of_100_quarters_is_named_and_fits_its_zone():
    text = written(quarters("Europe/London"))
    assert codes(text, {"@zone": "Europe/London"}) == ["long_day"]


def test_local_times_called_utc_are_found_by_their_repeated_hour():
    text = written(quarters("Europe/London"))
    for zone in ("UTC", "+01:00"):
        assert codes(text, {"@zone": zone}) == ["clock_change_in_fixed_zone"]
    assert codes(text.replace("timestamp", "time_utc")) == ["clock_change_in_fixed_zone"]


def spring(zone: str) -> list[datetime]:
    return local_days(datetime.fromisoformat("2019-03-30T00:00"), 71, 15, ZoneInfo(zone))


def test_a_day_of_92_quarters_is_named_and_fits_its_zone():
    text = written(spring("Europe/London"))
    assert codes(text, {"@zone": "Europe/London"}) == ["short_day"]


@pytest.mark.parametrize("zone", ["Europe/London", "Europe/Berlin", "Europe/Athens"])
def test_local_times_called_utc_are_found_by_the_hour_that_is_missing_in_spring(zone):
    text = written(spring(zone), "time_utc")
    assert codes(text) == ["skipped_hour_in_fixed_zone"]


def test_any_other_missing_hour_is_a_gap_and_no_change_of_the_clock():
    every = local_days(datetime.fromisoformat("2019-03-30T00:00"), 72, 15, ZoneInfo("UTC"))
    for day, hour in ((31, 5), (30, 1)):
        left = [at for at in every if (at.day, at.hour) != (day, hour)]
        assert codes(written(left, "time_utc")) == []
    ragged = [
        at for at in every if not (at.day == 31 and 60 <= at.hour * 60 + at.minute - 15 < 120)
    ]
    assert codes(written(ragged, "time_utc")) == []
    other = [at for at in every if (at.day, at.hour) != (31, 3)]
    assert codes(written(other), {"@zone": "Europe/London"}) == ["skipped_hour"]


def test_an_autumn_day_of_96_quarters_is_named():
    labels = list(dict.fromkeys(quarters("Europe/London")))
    assert codes(written(labels), {"@zone": "Europe/London"}) == ["repeated_hour_once"]


def test_an_hour_that_clocks_skipped_is_named():
    first = datetime.fromisoformat("2019-03-30T00:00")
    labels = [first + timedelta(minutes=15 * n) for n in range(192)]
    assert codes(written(labels), {"@zone": "Europe/London"}) == ["skipped_hour"]


def test_the_repeated_hour_written_twice_with_one_offset_is_named():
    first = datetime.fromisoformat("2014-10-25T00:00")
    rows = []
    for n in range(48):
        at = first + timedelta(hours=n)
        is_summer = at < datetime.fromisoformat("2014-10-26T02:00")
        label = at + timedelta(hours=2 if is_summer else 1)
        offset = "+02:00" if is_summer else "+01:00"
        if at == datetime.fromisoformat("2014-10-26T00:00"):
            offset = "+01:00"  # 02:00 in summer, written as if it were winter
        rows.append(f"{label:%Y-%m-%dT%H:%M}{offset},{n}.5")
    assert "repeated_hour_wrong_offset" in codes(
        table("start,kwh", *rows), {"@counter": "interval"}
    )


def sunny(shift: int) -> str:
    """Ten days of sun over San Diego, whose noon is at 20 UTC, labels shifted by hours."""
    first = datetime.fromisoformat("2019-06-01T00:00")
    rows = []
    for n in range(240):
        at = first + timedelta(hours=n)
        apart = min((at.hour - 20) % 24, (20 - at.hour) % 24)
        rows.append(f"{at + timedelta(hours=shift):%Y-%m-%d %H:%M},{max(0, 60 - apart * 10)}")
    return table("start_utc,kwh", *rows)


def test_sun_at_night_says_that_the_zone_is_wrong():
    assert codes(sunny(0), hints=SUN) == []
    assert codes(sunny(-7), hints=SUN) == ["night_production"]
    assert codes(sunny(-7), hints=Hints(capacity_w=100_000)) == []


def day(*values: str) -> str:
    first = datetime.fromisoformat("2018-01-01T00:00")
    rows = [f"{first + timedelta(hours=n):%Y-%m-%d %H:%M},{v}" for n, v in enumerate(values)]
    return table("start_utc,kwh", *rows)


@pytest.mark.parametrize(
    ("values", "code"),
    [
        (["-5", "-6", "-7", "1"], "mostly_negative"),
        (["5000"] * 3, "above_capacity"),
        (["1", "2"] * 30, "far_below_capacity"),
    ],
)
def test_values_that_do_not_fit_the_plant_are_named(values, code):
    assert codes(day(*values), hints=Hints(capacity_w=1_000_000)) == [code]


def test_many_absent_intervals_ask_what_absence_means():
    rows = day(*["5", "6"] * 60).splitlines()
    text = "\n".join([rows[0], *rows[1::2], *rows[2:20:2]])
    assert "many_absent" in codes(text, {"@length": "60", "@counter": "interval"})
    assert "many_absent" not in codes(
        text, {"@length": "60", "@counter": "interval", "@absent": "zero"}
    )


def test_a_register_of_consumption_is_named():
    assert codes(espi(1, flow=1)) == ["import_register"]
    assert codes(espi(1, flow=19)) == []
