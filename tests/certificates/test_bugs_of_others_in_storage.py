"""Bugs that registries are known to have had with storage; each must not be one of ours.

Named after what went wrong there: the first certificate of a storage device could not be made
(its largest number so far was none), the energy source became "battery storage", attributes were
lost on the way, losses were not looked at (issues 171, 185 and 188 of a reference registry),
discharged energy was credited twice, and more came out than had gone in.
"""

import pytest

from certificates.domain.selection import Criteria
from certificates.domain.statement import document
from certificates.errors import StorageUnbalanced
from certificates.models import Lot, Retirement
from certificates.queries.holding.holdings import held_wh
from certificates.queries.holding.selecting import select
from certificates.queries.holding.statement import statement_facts
from certificates.services.holding.cancellations import cancel
from tests.certificates.conftest import NOW
from tests.certificates.services.holding.test_cancellations import ask
from tests.certificates.stored import charge, line, settle_losses, take
from tests.fixtures.lists import listed


@pytest.fixture
def given_back(battery, produce, certify):
    produce("1", "2")
    take(battery, line(0, -1000), line(1, 800))
    charge(battery)
    certify()
    settle_losses(battery)
    return Lot.objects.get(device=battery)


def test_the_first_certificate_of_a_storage_device_can_be_made(given_back, certify):
    certify()
    given_back.refresh_from_db()
    assert (given_back.first_wh, given_back.sequence) == (0, 0)


def test_the_energy_source_is_not_overwritten_by_storage(given_back, battery, device):
    assert given_back.source.energy_source_code == device.energy_source_code == "F01050100"
    rows = listed("holdings", battery.organisation)
    stored = next(row for row in rows if row["gsrn"] == battery.gsrn)
    assert (stored["energy_source_code"], stored["technology_code"]) == ("F01050100", "T020001")
    assert stored["generated_by"] == device.gsrn


def test_what_was_stored_is_found_by_the_source_that_made_it(given_back, battery):
    wind = select(battery.organisation, Criteria(technology="T02", gsrns=(battery.gsrn,)))
    assert wind.amount_wh == 800


def test_a_statement_names_the_plant_beside_the_storage(given_back, battery, device):
    asked = ask(battery.organisation, "s", Criteria(gsrns=(battery.gsrn,)))
    made = cancel(request=asked, now=NOW)
    facts = statement_facts(made, url="https://example.org", registry="R", now=NOW)
    found = document(facts)
    (line,) = found["certificates"]
    assert (line["gsrn"], line["generated_by"]) == (battery.gsrn, device.gsrn)
    assert line["from_storage"] is True
    plants = {plant["gsrn"]: plant for plant in found["devices"]}
    assert plants[device.gsrn]["energy_source_code"] == "F01050100"
    assert plants[battery.gsrn]["technology"] == "Storage"


def test_no_attribute_is_lost_on_the_way(given_back, device):
    original = device.lots.order_by("starts_at").first()
    for name in ("mask", "quality", "factor_id", "factor_ug_per_wh"):
        assert getattr(given_back, name) == getattr(original, name)


def test_losses_are_looked_at(battery, produce, certify):
    produce("1", "2")
    take(battery, line(0, -1000), line(1, 1001))
    charge(battery)
    certify()
    with pytest.raises(StorageUnbalanced):
        settle_losses(battery)


def test_discharged_energy_is_credited_once(given_back, battery):
    before = held_wh(battery.organisation)
    settle_losses(battery)
    take(battery, line(1, 800))
    assert held_wh(battery.organisation) == before
    assert Lot.objects.filter(device=battery).count() == 1


def test_what_is_charged_is_used_up_before_it_comes_out(given_back, device):
    original = device.lots.order_by("starts_at").first()
    assert Retirement.objects.standing().get(lot=original).amount_wh == 1000
