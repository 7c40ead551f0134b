"""A CDR's life follows one table."""

import pytest

from charging.domain.ocpi.cdr_states import NEW, TRANSITIONS, check_go
from charging.errors import CreditRefused
from charging.models import Cdr


def test_every_status_has_its_row():
    assert set(TRANSITIONS) - {NEW} == set(Cdr.Status.values)


@pytest.mark.parametrize("old", ["credited", "credit"])
def test_nothing_leads_back_from_a_credit(old):
    for new in Cdr.Status.values:
        with pytest.raises(CreditRefused, match=old):
            check_go(old, new)


def test_what_is_recorded_stays_until_it_is_credited():
    check_go("recorded", "credited")
    for new in ("held", "no_energy", "credit", "recorded"):
        with pytest.raises(CreditRefused):
            check_go("recorded", new)
