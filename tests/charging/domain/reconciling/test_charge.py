"""One charge told by several sources: each contradiction has its name and its figures."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from charging.domain.reconciling.charge import Evidence, reconcile
from charging.domain.reconciling.facts import Metered, Place, Rated, Statement
from charging.domain.reconciling.findings import Code

START = datetime(2026, 3, 1, 10, tzinfo=UTC)
END = START + timedelta(hours=1)
SESSION = Statement("S1", Place("E1", "1"), START, END, 11_250)
CDR = replace(
    SESSION,
    periods_energy_wh=11_250,
    total_seconds=3600,
    currency="EUR",
    cost_excl=Decimal("4.50"),
    cost_incl=Decimal("5.36"),
)
METER = Metered(11_250, START, END, is_proven=True)
RATED = Rated("EUR", Decimal("4.50"), Decimal("5.36"))
WHOLE = Evidence(SESSION, CDR, METER, RATED, max_power_w=22_000)


def codes(evidence):
    return [each.code for each in reconcile(evidence)]


def test_sources_that_agree_leave_nothing_to_say():
    assert reconcile(WHOLE) == []
    assert reconcile(Evidence()) == []


@pytest.mark.parametrize("without", ["session", "cdr", "meter", "rated", "max_power_w"])
def test_what_is_missing_contradicts_nothing(without):
    assert reconcile(replace(WHOLE, **{without: None})) == []


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"meter": replace(METER, energy_wh=11_000)}, [Code.ENERGY] * 3),
        ({"meter": replace(METER, energy_wh=11_250_000)}, [Code.UNIT] * 3),
        ({"meter": replace(METER, energy_wh=11)}, [Code.UNIT] * 3),
        ({"meter": replace(METER, energy_wh=14)}, [Code.ENERGY] * 3),
        ({"cdr": replace(CDR, periods_energy_wh=11_250_000)}, [Code.UNIT] * 3),
        ({"meter": replace(METER, energy_wh=11_258)}, []),
        ({"meter": replace(METER, started_at=START + timedelta(minutes=2))}, [Code.TIME] * 2),
        ({"meter": replace(METER, ended_at=END + timedelta(seconds=60))}, []),
        ({"cdr": replace(CDR, total_seconds=7200)}, [Code.TIME]),
        ({"session": replace(SESSION, ended_at=START - timedelta(hours=1))}, [Code.TIME] * 3),
        ({"rated": replace(RATED, cost_excl=Decimal("4.52"))}, [Code.COST]),
        ({"rated": replace(RATED, cost_excl=Decimal("4.51"))}, []),
        ({"rated": Rated("EUR", None, Decimal("9.00"))}, [Code.COST]),
        ({"rated": Rated("SEK", Decimal(1), Decimal(1))}, [Code.COST]),
        ({"max_power_w": 11_000}, []),
        ({"max_power_w": 7_000}, [Code.OVER_POWER] * 2),
    ],
)
def test_a_contradiction_has_its_name(change, expected):
    assert codes(replace(WHOLE, **change)) == expected


def test_a_finding_carries_its_figures_and_a_sentence():
    [*_, found] = reconcile(Evidence(session=SESSION, meter=replace(METER, energy_wh=11_000)))
    assert found.figures == {
        "between": "session, signed meter",
        "first_wh": 11_250,
        "second_wh": 11_000,
        "difference_wh": 250,
    }
    assert found.sentence == (
        "The session says 11,250 Wh and the signed meter 11,000 Wh, 250 Wh apart."
    )


def test_the_session_example_of_the_specification_mixes_its_units():
    """kwh 41.12 beside periods of 120 and 41000, which are Wh in a field of kWh."""
    session = replace(SESSION, energy_wh=41_120, periods_energy_wh=41_120_000)
    [found] = reconcile(Evidence(session=session))
    assert found.code == Code.UNIT


WH = st.integers(0, 10**7)


@given(WH, WH)
def test_it_does_not_matter_which_source_says_what(one, other):
    def said(first, second):
        evidence = Evidence(
            session=replace(SESSION, energy_wh=first), meter=replace(METER, energy_wh=second)
        )
        return [(each.code, each.figures.get("difference_wh")) for each in reconcile(evidence)]

    assert said(one, other) == said(other, one)


@given(WH)
def test_a_thousandfold_is_always_a_unit_and_equal_amounts_never_are(wh):
    def said(second):
        return codes(
            Evidence(session=replace(SESSION, energy_wh=wh), meter=replace(METER, energy_wh=second))
        )

    assert said(wh) == []
    assert said(wh * 1000) == ([Code.UNIT] if wh else [])
