"""Marginal intensities: every bad line is named, every good one exact, and means are whole."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from charging.domain.emissions import (
    CO2,
    CO2E,
    DIRECT,
    LIFECYCLE,
    Factor,
    FactorKind,
    HourOfEnergy,
    Used,
    charge_ug,
    grid_ug,
    marginal_parts,
    total_ug,
)
from charging.domain.marginal_file import (
    BadField,
    MarginalRow,
    mean_factor,
    read_marginal,
)
from charging.errors import FactorsDiffer, MissingColumns, UnreadableFile

HEAD = "area,starts_at,length_minutes,g_per_kwh,source,version,scope,gas"
GOOD = "GB,2018-06-01T10:00Z,60,412.5,Made,3,direct,CO2"
TEN = datetime(2018, 6, 1, 10, tzinfo=UTC)


def read(*lines: str, head: str = HEAD) -> list[MarginalRow | BadField]:
    return list(read_marginal("\n".join([head, *lines, ""])))


def test_a_line_becomes_whole_milligrams_with_what_they_count():
    assert read(GOOD) == [MarginalRow(2, "GB", TEN, 60, 412_500, DIRECT, CO2, "Made", 3)]
    in_mg = read(GOOD.replace("412.5", "412500"), head=HEAD.replace("g_per", "mg_per"))
    assert in_mg == read(GOOD)
    assert read(GOOD.replace("10:00Z", "12:00+02:00")) == read(GOOD)
    assert read("", " ,,,,,,, ", GOOD)[0].line == 4


@pytest.mark.parametrize(
    ("old", "new", "field", "words"),
    [
        ("GB,", ",", "area", "is empty"),
        ("T10:00Z", "T10:00", "starts_at", "no offset"),
        ("T10:00Z", "T10:07Z", "starts_at", "no start of an interval of 60 minutes"),
        ("T10:00Z", "T10:00:00.5Z", "starts_at", "no start"),
        ("2018-06-01T10:00Z", "yesterday", "starts_at", "is no instant"),
        ("2018-06-01T10:00Z", "0001-01-01T00:00+14:00", "starts_at", "is no instant"),
        (",60,", ",61,", "length_minutes", "is none of 5, 10, 15, 30, 60"),
        (",60,", ",,", "length_minutes", "is none of"),
        ("412.5", "-1", "g_per_kwh", "no number of nought or more"),
        ("412.5", "NaN", "g_per_kwh", "no number"),
        ("412.5", "1e3", "g_per_kwh", "no number"),
        ("412.5", "412,5", "", "has 9 fields where the head has 8"),
        ("412.5", "412500", "g_per_kwh", "is its unit right"),
        ("Made", "", "source", "needs 1 to 150"),
        ("Made", "M" * 151, "source", "needs 1 to 150"),
        (",3,", ",0,", "version", "no whole number"),
        ("direct", "upstream", "scope", "is not lifecycle or direct"),
        ("CO2", "CH4", "gas", "is not CO2e or CO2"),
    ],
)
def test_a_bad_line_is_named_with_its_field_and_reason(old, new, field, words):
    bad, good = read(GOOD.replace(old, new), GOOD)
    assert isinstance(bad, BadField)
    assert (bad.line, bad.field) == (2, field)
    assert words in bad.reason
    assert good == read("", GOOD)[0]


@pytest.mark.parametrize(
    "head",
    ["", "area", HEAD.replace("g_per_kwh", "kg"), HEAD.replace("source", "g_per_kwh,mg_per_kwh")],
)
def test_a_table_without_its_columns_is_refused(head):
    with pytest.raises(MissingColumns, match=r"lacks the columns|columns of figures"):
        read(GOOD, head=head)


def test_what_is_no_table_is_refused_with_its_line():
    with pytest.raises(UnreadableFile, match="Line 2"):
        read('GB,"x"y')


@given(st.text())
def test_no_text_breaks_the_reader(text):
    try:
        for one in read_marginal(f"{HEAD}\n{text}"):
            assert isinstance(one, BadField | MarginalRow)
    except (UnreadableFile, MissingColumns):
        pass


@given(st.lists(st.integers(0, 10_000_000), min_size=12, max_size=12))
def test_a_mean_is_within_half_a_milligram_of_the_exact_one(figures):
    parts = [
        (TEN + timedelta(minutes=5 * n), 5, a_factor(figure)) for n, figure in enumerate(figures)
    ]
    mean = mean_factor(TEN, 60, parts[::-1])
    assert abs(mean.ug_per_wh - Fraction(sum(figures), 12)) <= Fraction(1, 2)
    assert (mean.kind, mean.scope, mean.gas, mean.version) == (FactorKind.MARGINAL, DIRECT, CO2, 3)


def a_factor(figure: int, gas: str = CO2, scope: str = DIRECT) -> Factor:
    return Factor(figure, FactorKind.MARGINAL, scope, gas, "Made", version=3)


def half(at: datetime, **counts: str) -> tuple[datetime, int, Factor]:
    return at, 30, a_factor(100, **counts)


def test_an_interval_that_is_not_filled_by_figures_of_one_kind_has_no_mean():
    later = TEN + timedelta(minutes=30)
    assert mean_factor(TEN, 60, [half(TEN), half(later)]).ug_per_wh == 100
    assert mean_factor(TEN, 60, []) is None
    assert mean_factor(TEN, 60, [half(TEN)]) is None
    assert mean_factor(TEN, 60, [half(later)]) is None
    assert mean_factor(TEN, 60, [half(TEN), half(TEN), half(later)]) is None
    assert mean_factor(TEN, 15, [half(TEN)]) is None
    other = half(later, gas=CO2E, scope=LIFECYCLE)
    assert mean_factor(TEN, 60, [half(TEN), other]) is None


def test_a_source_that_does_not_say_what_it_counts_is_like_no_other():
    unstated = a_factor(5, gas="unstated", scope="unstated")
    with pytest.raises(FactorsDiffer):
        total_ug([Used(1, unstated), Used(1, a_factor(5))])


AVERAGES = st.sampled_from([FactorKind.PLANT, FactorKind.RESIDUAL, FactorKind.AVERAGE])


def factor(kind: FactorKind, ug: int = 7) -> Factor:
    return Factor(ug, kind, LIFECYCLE, CO2E, f"made {kind}")


@given(AVERAGES, st.integers(1, 10**9), st.booleans())
def test_an_average_and_a_marginal_figure_are_never_added(kind, wh, first):
    used = [Used(wh, factor(kind)), Used(wh, factor(FactorKind.MARGINAL))]
    with pytest.raises(FactorsDiffer, match="side by side"):
        total_ug(used if first else used[::-1])


@given(AVERAGES)
def test_neither_kind_stands_in_the_other_s_place(kind):
    marginal = factor(FactorKind.MARGINAL)
    for words in (
        {"average": marginal},
        {"average": None, "residual": marginal},
        {"average": None, "matched": ((1, marginal),)},
        {"average": None, "marginal": factor(kind)},
    ):
        with pytest.raises(FactorsDiffer, match="cannot stand for the other kind"):
            HourOfEnergy(**({"energy_wh": 1, "matched": ()} | words))


def test_the_consequence_is_the_same_whatever_was_matched():
    average, marginal = factor(FactorKind.AVERAGE, 200), factor(FactorKind.MARGINAL, 500)
    bare = HourOfEnergy(1_000, (), average, marginal=marginal)
    green = HourOfEnergy(1_000, ((1_000, factor(FactorKind.PLANT, 11)),), average, None, marginal)
    assert (charge_ug([bare]), charge_ug([green])) == (200_000, 11_000)
    assert grid_ug([bare]) == grid_ug([green]) == 200_000
    assert total_ug(marginal_parts([bare])) == total_ug(marginal_parts([green])) == 500_000
    assert marginal_parts([bare, HourOfEnergy(1, (), average)]) is None


def test_grams_with_many_places_are_rounded_once_to_whole_milligrams():
    (row,) = read(GOOD.replace("412.5", "0.0005"))
    assert row.ug_per_wh == 0  # half to even
    (row,) = read(GOOD.replace("412.5", "0.0015"))
    assert row.ug_per_wh == 2
    assert Decimal("0.0015") * 1000 == Decimal("1.5")
