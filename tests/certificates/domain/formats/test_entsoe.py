"""ENTSO-E 16.1.A: mean power, units, double listings and changes of resolution."""

from tests.certificates.domain.formats.making import built, entsoe, is_complete, reading

DAY = "2018-01-01"


def rows(unit, *outputs, step="PT30M", area="BZN/CTA", minutes=30):
    return [
        (f"{DAY} {n * minutes // 60:02}:{n * minutes % 60:02}:00.000", step, area, unit, out, "")
        for n, out in enumerate(outputs)
    ]


def test_half_an_hour_of_a_megawatt_is_500_kwh():
    assert list(built(entsoe(*rows("U1", "1", "2.65"))).lines.wh) == [500_000, 1_325_000]


def test_fractions_of_a_wh_stay_behind_and_are_never_issued():
    lines = built(entsoe(*rows("U1", "0.000001", step="PT15M", minutes=15))).lines
    assert (lines.wh[0], lines.remainder[0]) == (0, 250_000)


def test_a_unit_listed_for_two_kinds_of_area_counts_once():
    one = built(entsoe(*rows("U1", "1", "2", area="BZN"), *rows("U1", "1", "2", area="CTA")))
    assert list(one.lines.wh) == [500_000, 1_000_000]
    assert [code for code, _ in one.notes] == ["double_listing"]
    assert is_complete(one)


def test_a_change_from_hours_to_quarters_is_named_and_summed_into_hours():
    hours = rows("FR1", *["4"] * 12, step="PT60M", minutes=60)
    quarters = [
        (f"{DAY} {12 + n // 4}:{n % 4 * 15:02}", "PT15M", "BZN", "FR1", "4", "") for n in range(48)
    ]
    one = built(entsoe(*hours, *quarters))
    assert list(one.lines.wh) == [4_000_000] * 24
    assert (one.lines.length, one.lines.merged) == (60, 36)
    assert "resolution_switch" in [code for code, _ in one.notes]


def test_consumption_is_taken_off():
    text = entsoe(
        (f"{DAY} 00:00", "PT30M", "CTA", "U1", "", "0.5"),
        (f"{DAY} 00:30", "PT30M", "CTA", "U1", "2", "0.5"),
        (f"{DAY} 01:00", "PT30M", "CTA", "U1", "", ""),
    )
    lines = built(text).lines
    assert list(lines.wh) == [-250_000, 750_000]
    assert lines.unobserved == 1


def test_absent_half_hours_become_zero_only_where_somebody_says_so():
    text = entsoe(*[row for n, row in enumerate(rows("U1", *"12345678")) if n in (0, 1, 5, 7)])
    assert len(built(text).lines.raw) == 4
    one = built(text, {"@absent": "zero"})
    assert (one.lines.filled, len(one.lines.raw)) == (4, 8)
    assert sum(one.lines.wh) == sum(built(text).lines.wh)
    assert is_complete(one)


def test_each_unit_is_a_register():
    read = reading(entsoe(*rows("U1", "1"), *rows("U2", "2")))
    assert [one.selection for one in read.registers] == [{"@key": "U1"}, {"@key": "U2"}]
