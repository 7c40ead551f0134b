"""Remarks on what cannot be meant, the defects of the standard's examples among them."""

from decimal import Decimal

import pytest

from charging.domain.ocpi.document import read_object
from charging.domain.ocpi.doubts import doubts
from charging.domain.ocpi.validation import check, errors_of
from tests.charging.api.ocpi.conftest import EXAMPLES


def example(name):
    return read_object((EXAMPLES / f"{name}.json").read_bytes())


def test_the_examples_are_right_and_their_defects_are_told():
    session = example("session_example_2_short_finished")
    assert errors_of(check("Session", session, "2.2.1")) == []
    (energy,) = doubts("Session", session)
    assert "41120 kWh" in str(energy)
    (stamp,) = doubts("CDR", example("cdr_example"))
    assert stamp.path == "last_updated"
    assert all(finding.is_notice for finding in (energy, stamp))


def test_swapped_coordinates_are_told_where_they_can_be():
    cdr = example("cdr_example")
    cdr["cdr_location"]["coordinates"] = {"latitude": "151.2", "longitude": "-33.8"}
    assert [finding.path for finding in doubts("CDR", cdr)] == ["last_updated", "coordinates"]


@pytest.mark.parametrize(
    ("green", "sources", "told"),
    [
        (True, [("WIND", 100)], 0),
        (True, [("WIND", 99)], 1),
        (True, [("WIND", 50), ("NUCLEAR", 50)], 1),
        (False, [("WIND", 50), ("NUCLEAR", 50)], 0),
        (True, [], 0),
    ],
)
def test_green_claims_that_contradict_themselves_are_told(green, sources, told):
    mix = {
        "is_green_energy": green,
        "energy_sources": [{"source": s, "percentage": Decimal(p)} for s, p in sources],
    }
    assert len(doubts("Tariff", {"energy_mix": mix})) == told


def test_a_completed_session_without_its_end_is_told():
    session = example("session_example_2_short_finished")
    del session["end_date_time"]
    assert [finding.path for finding in doubts("Session", session)] == [
        "charging_periods",
        "end_date_time",
    ]
    session["status"] = "ACTIVE"
    assert [finding.path for finding in doubts("Session", session)] == ["charging_periods"]
