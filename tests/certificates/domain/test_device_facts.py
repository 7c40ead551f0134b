"""A device states its facts, or is told which one is wrong."""

from datetime import date
from decimal import Decimal

import pytest

from certificates.domain.device_facts import read_facts
from certificates.errors import InvalidDevice
from tests.certificates.conftest import FACTS


def test_facts_are_read_with_their_defaults():
    facts = read_facts(FACTS | {"latitude": 52.4012345678, "support": None})
    assert facts.commissioned_on == date(2016, 4, 1)
    assert facts.latitude == Decimal("52.401235")
    assert (facts.support, facts.negative_policy) == ("none", "clip")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("capacity_w", 0),
        ("capacity_w", 2050000.5),
        ("capacity_w", True),
        ("capacity_w", "2050000"),
        ("commissioned_on", "1.4.2016"),
        ("latitude", 91),
        ("longitude", "east"),
        ("latitude", "NaN"),
        ("quality", "guessed"),
        ("negative_policy", "ignore"),
        ("technology_code", "T999999"),
        ("energy_source_code", "F01040100"),
        ("support", "x" * 41),
        ("gsrn", "1"),
        ("owner", "farm"),
        ("whole_certificates", "yes"),
        ("whole_certificates", 1),
    ],
)
def test_a_wrong_fact_is_named(field, value):
    with pytest.raises(InvalidDevice) as caught:
        read_facts(FACTS | {field: value})
    assert caught.value.field == field


@pytest.mark.parametrize("policy", ["clip", "net"])
def test_both_policies_for_own_consumption_are_carried_out(policy):
    assert read_facts(FACTS | {"negative_policy": policy}).negative_policy == policy


def test_another_policy_for_own_consumption_is_named():
    with pytest.raises(InvalidDevice, match="clip or net"):
        read_facts(FACTS | {"negative_policy": "ignore"})
