"""The registry's terms change from an instant on, with a reason."""

from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command

from certificates.errors import PolicyRefused
from certificates.models import RegistryPolicy
from certificates.queries.policies import day_percent_at, policy_at
from certificates.services.registry_terms import set_terms
from ledger.models import AuditEvent
from tests.certificates.conftest import NOW

LATER = NOW + timedelta(days=30)
pytestmark = pytest.mark.django_db


def change(valid_from=LATER, **changes):
    return set_terms(
        changes=changes, valid_from=valid_from, reason="Agreed", now=NOW, actor="auditor"
    )


def test_other_terms_stay_as_they_were_and_nothing_before_changes():
    RegistryPolicy.objects.create(valid_from=NOW, usable_months=18)
    change(photovoltaic_day_percent=55)
    assert day_percent_at("T010101", policy_at(NOW)) == 50
    later = policy_at(LATER)
    assert (later.usable_months, day_percent_at("T010101", later)) == (18, 55)
    assert AuditEvent.objects.get(action="policy.set").detail["photovoltaic_day_percent"] == 55


def test_the_same_again_is_the_first_and_others_at_that_instant_are_refused():
    assert change(tidal_day_percent=90) == change(tidal_day_percent=90)
    with pytest.raises(PolicyRefused, match="begin at that instant already"):
        change(tidal_day_percent=95)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"colour": 1}, "is no term"),
        ({}, "Say which terms"),
        ({"photovoltaic_day_percent": 101}, "101 is no percentage"),
        ({"tradable_months": 19, "usable_months": 18}, "19 months of trade are longer than the 18"),
        ({"usable_months": 0}, "would end everything at once"),
        ({"usable_months": 1_201}, "usable_months: 1201 is too long"),
        ({"debt_overdue_days": 30_001}, "debt_overdue_days: 30001 is too long"),
        ({"usable_months": -1}, "usable_months: "),
        ({"usable_months": "soon"}, "usable_months: "),
    ],
)
def test_what_cannot_be_a_term_is_refused(changes, words):
    with pytest.raises(PolicyRefused, match=words):
        change(**changes)
    assert not RegistryPolicy.objects.exists()


def test_terms_never_change_for_what_was_before():
    with pytest.raises(PolicyRefused, match="from now on"):
        change(valid_from=NOW - timedelta(seconds=1), usable_months=18)


def test_the_command_sets_them(capsys):
    call_command(
        "set_terms",
        "photovoltaic_day_percent=55",
        "handovers_need_approval=no",
        "--from=2100-01-01T00:00Z",
        "--reason=Agreed",
    )
    row = RegistryPolicy.objects.get()
    assert (row.photovoltaic_day_percent, row.handovers_need_approval) == (55, False)
    assert "photovoltaic_day_percent 55" in capsys.readouterr().out
    with pytest.raises(CommandError, match="is no term"):
        call_command("set_terms", "colour=1", "--from=2100-01-01T00:00Z", "--reason=x")
