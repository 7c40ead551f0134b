"""Storage is registered with terms that stay."""

import pytest
from django.db import IntegrityError, transaction
from django.db.models import F

from certificates.errors import InvalidDevice
from certificates.models import StorageTerms
from certificates.services.issuing.issuance import issue
from certificates.services.plants.applications import send_back
from certificates.services.storage.devices import register_storage
from tests.certificates.conftest import NOW, facts
from tests.certificates.stored import START, storage_facts


def test_storage_has_no_technology_and_no_source_of_its_own(battery):
    assert (battery.kind, battery.technology_code, battery.energy_source_code) == (
        "storage",
        "",
        "",
    )
    terms = battery.storage_terms
    assert (terms.method, terms.loss_months, terms.starts_at) == ("fifo", 1, START)


def test_the_same_again_answers_with_the_first_and_other_terms_are_refused(battery):
    same = {"gsrn": battery.gsrn}
    assert register_storage(facts=storage_facts(**same), now=NOW) == battery
    for name, value in (("method", "lifo"), ("loss_months", 2), ("capacity_wh", 5)):
        with pytest.raises(InvalidDevice, match="already registered with another") as caught:
            register_storage(facts=storage_facts(**same, **{name: value}), now=NOW)
        assert caught.value.field == name
    assert StorageTerms.objects.count() == 1


def test_a_plant_s_number_cannot_become_storage(device):
    with pytest.raises(InvalidDevice):
        register_storage(facts=storage_facts(gsrn=device.gsrn, name=device.name), now=NOW)
    assert not StorageTerms.objects.exists()


def test_storage_that_was_sent_back_is_handed_in_again(farm):
    device = register_storage(facts=storage_facts(), now=NOW)
    send_back(device=device, reason="Which meter?", now=NOW, actor="test")
    again = register_storage(facts=storage_facts(gsrn=device.gsrn), now=NOW)
    assert (again, again.status) == (device, "submitted")


def test_issuing_for_all_devices_leaves_storage_alone(battery, produce):
    produce("1", "2")
    assert issue(now=NOW).waiting == {}


@pytest.mark.parametrize(
    "change",
    [
        {"capacity_wh": 0},
        {"loss_months": 7},
        {"loss_months": 0},
        {"opening_wh": F("capacity_wh") + 1},
    ],
)
def test_the_database_keeps_terms_within_their_bounds(battery, change):
    with pytest.raises(IntegrityError), transaction.atomic():
        StorageTerms.objects.update(**change)


def test_facts_of_a_plant_still_need_a_technology(farm):
    with pytest.raises(InvalidDevice, match="Missing: technology_code"):
        facts(technology_code="")
