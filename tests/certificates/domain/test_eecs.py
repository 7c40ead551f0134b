"""EECS codes and the pairs they allow."""

import pytest

from certificates.domain import eecs
from certificates.errors import InvalidDevice


@pytest.mark.parametrize(
    ("technology", "source"),
    [
        ("T010100", "F01040100"),
        ("T020001", "F01050100"),
        ("T030100", "F01050200"),
        ("T050101", "F02030100"),
        ("T060000", "F03010100"),
        ("T070000", "F05010000"),
    ],
)
def test_a_pair_of_the_fact_sheet_is_allowed(technology, source):
    eecs.check_pair(technology, source)


@pytest.mark.parametrize(
    ("technology", "source"),
    [("T010100", "F01050100"), ("T020001", "F01040100"), ("T060000", "F02030100")],
)
def test_a_plant_cannot_run_on_another_s_source(technology, source):
    with pytest.raises(InvalidDevice, match="does not use energy source"):
        eecs.check_pair(technology, source)


@pytest.mark.parametrize(
    ("technology", "source", "field"),
    [("T999999", "F01050100", "technology_code"), ("T020001", "F99", "energy_source_code")],
)
def test_an_unknown_code_is_named_with_its_field(technology, source, field):
    with pytest.raises(InvalidDevice) as caught:
        eecs.check_pair(technology, source)
    assert caught.value.field == field


def test_names_leave_out_what_is_unspecified():
    assert eecs.technology_name("T020001") == "Wind, Onshore"
    assert eecs.source_name("F01050100") == "Wind"


def test_wind_is_renewable_and_nuclear_is_not():
    assert eecs.is_renewable("F01050100")
    assert not eecs.is_renewable("F03010100")
    assert eecs.is_nuclear("F03010100")
    assert not eecs.is_nuclear("F02030100")


def test_pure_pumped_storage_proves_no_renewable_source():
    assert eecs.generates_renewable("T030200", "F01050200")
    assert not eecs.generates_renewable("T030300", "F01050200")


def test_a_code_widens_level_by_level():
    assert eecs.more_general("F01010301") == ["F01010301", "F01010300", "F01010000", "F01000000"]
    assert eecs.more_general("T020000") == ["T020000"]


def test_only_sources_that_check_are_offered_for_a_technology():
    for technology, _ in eecs.technologies():
        offered = eecs.sources_for(technology)
        assert offered
        for source, _ in offered:
            eecs.check_pair(technology, source)


def test_every_source_that_checks_is_offered():
    every = [code for code, _ in eecs.sources_for("T070000")]
    offered = {code for code, _ in eecs.sources_for("T020001")}
    for source in every:
        if source not in offered:
            with pytest.raises(InvalidDevice):
                eecs.check_pair("T020001", source)
    assert "F01050100" in offered
