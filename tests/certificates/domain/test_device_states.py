"""A device's life follows one table."""

import itertools

import pytest

from certificates.domain.device_states import TRANSITIONS, can_go, check_can_issue, check_go
from certificates.errors import DeviceNotApproved, TransitionRefused

ALLOWED = {
    ("draft", "submitted"),
    ("submitted", "approved"),
    ("submitted", "draft"),
    ("approved", "suspended"),
    ("approved", "decommissioned"),
    ("suspended", "approved"),
    ("suspended", "decommissioned"),
}


@pytest.mark.parametrize(("old", "new"), list(itertools.product(TRANSITIONS, repeat=2)))
def test_only_the_listed_ways_are_open(old, new):
    assert can_go(old, new) == ((old, new) in ALLOWED)


def test_a_closed_way_names_the_open_ones():
    with pytest.raises(TransitionRefused, match="only suspended, decommissioned"):
        check_go("approved", "draft")


@pytest.mark.parametrize("status", sorted(set(TRANSITIONS) - {"approved"}))
def test_only_an_approved_device_gets_certificates(status):
    check_can_issue("Turbine", "approved")
    with pytest.raises(DeviceNotApproved, match=status):
        check_can_issue("Turbine", status)
