"""The registry's terms change from an instant on, with a reason."""

from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction

from certificates.errors import InvalidDevice, PolicyRefused
from certificates.models import RegistryPolicy
from certificates.queries.policies import day_percent_at, policy_at
from certificates.queries.readings.known import plant_of
from certificates.services.plants.applications import hand_in, hand_in_again, send_back
from certificates.services.plants.devices import register_device
from certificates.services.registry_terms import set_terms
from ledger.models import AuditEvent
from tests.certificates.conftest import NOW, facts

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
        ({"capacity_tolerance_percent": 101}, "101 is no percentage more than full power; 0 to"),
        ({"whole_certificates_only": "perhaps"}, "whole_certificates_only: "),
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


def test_the_tolerance_of_capacity_holds_from_its_instant_on(device):
    change(capacity_tolerance_percent=20)
    assert plant_of(device, NOW).tolerance_percent == 5
    assert plant_of(device, LATER).tolerance_percent == 20
    change(valid_from=LATER + timedelta(days=1), capacity_tolerance_percent=None)
    assert plant_of(device, LATER + timedelta(days=1)).tolerance_percent == 5


def test_no_tolerance_at_all_is_a_term_too(device):
    change(capacity_tolerance_percent=0)
    assert plant_of(device, LATER).tolerance_percent == 0
    with pytest.raises(IntegrityError), transaction.atomic():
        RegistryPolicy.objects.update(capacity_tolerance_percent=101)


@pytest.mark.parametrize(("tolerance", "held"), [(None, 1), (20, 0), (0, 2)])
def test_readings_are_held_above_the_tolerance(device, produce, tolerance, held):
    RegistryPolicy.objects.create(valid_from=NOW, capacity_tolerance_percent=tolerance)
    full = device.capacity_w // 1_000  # kWh in an hour
    produce(f"{full}", f"{full * 1.04}", f"{full * 1.1}")
    assert device.readings.filter(status="held").count() == held


def test_new_plants_have_whole_mwh_where_the_terms_ask_for_it(farm):
    stated = facts(gsrn="735999000000000013")
    first = register_device(facts=stated, now=NOW)
    change(whole_certificates_only=True)
    assert register_device(facts=facts(name="Second"), now=NOW).whole_certificates is False
    with pytest.raises(InvalidDevice, match="whole MWh alone") as refused:
        register_device(facts=facts(name="Third"), now=LATER)
    assert refused.value.field == "whole_certificates"
    assert register_device(facts=facts(whole_certificates=True), now=LATER).whole_certificates
    # What is there stays, and asking again for it answers with it.
    assert register_device(facts=stated, now=LATER) == first


def test_a_plant_that_was_sent_back_is_handed_in_under_the_terms_of_that_day(farm):
    plant = hand_in(facts=facts(), now=NOW, actor="owner")
    send_back(device=plant, now=NOW, actor="auditor", reason="Say more")
    change(whole_certificates_only=True)
    with pytest.raises(InvalidDevice, match="whole MWh alone"):
        hand_in_again(device=plant, facts=facts(), now=LATER, actor="owner")
    whole = facts(whole_certificates=True)
    again = hand_in_again(device=plant, facts=whole, now=LATER, actor="owner")
    assert (again.status, again.whole_certificates) == ("submitted", True)
