"""What storage gave back of an hour that was corrected: it stands, and says so."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from certificates.models import ChargeAllocation, Device, Lot, Notice
from certificates.queries.readings.shortfalls import (
    Claim,
    Shortfall,
    given_back_of,
    of_meters,
    shortfalls,
)
from certificates.queries.readings.tallies import open_debt_wh
from certificates.queries.storage.chain import chain_of
from certificates.queries.storage.pages import corrected_origins
from certificates.services.storage.devices import register_storage
from tests.certificates.conftest import NOW
from tests.certificates.stored import START, charge, hour, line, settle_losses, storage_facts, take

wh = st.integers(1, 10**9)


@pytest.fixture
def stored(battery, produce, certify):
    """1,000 Wh of wind of hour 0 in, 800 Wh out in hour 1, settled."""
    produce("1", "2")
    take(battery, line(0, -1000), line(1, 800))
    charge(battery)
    certify()
    settle_losses(battery)
    certify()
    return battery


def claim(lot: Lot, amount_wh: int) -> Claim:
    return Claim(lot.pk, lot.device_id, lot.starts_at, lot.generated_by_id is not None, amount_wh)


def test_the_plant_owes_and_what_was_retired_and_given_back_stands(stored, produce, device):
    produce("0.7")
    assert open_debt_wh(device) == 300
    assert ChargeAllocation.objects.standing().get().retirement.amount_wh == 1_000
    (lot,) = Lot.objects.standing().filter(device=stored)
    assert lot.amount_wh == 800
    (link,) = chain_of([lot.pk], NOW)
    assert (link.given_wh, link.missing_wh) == (800, 240)


def test_the_storage_s_page_sums_what_was_retired_and_what_came_back_of_it(stored, produce):
    assert corrected_origins(stored, NOW) == []
    produce("0.7")
    (one,) = corrected_origins(stored, NOW)
    assert (one.shortfall.before_wh, one.shortfall.after_wh) == (1_000, 700)
    assert (one.retired_wh, one.missing_wh) == (1_000, 300)
    assert (one.given_wh, one.given_missing_wh) == (800, 240)


def test_the_owner_of_the_storage_is_told_once_of_each_correction(stored, produce):
    produce("0.7")
    notice = Notice.objects.get(kind="storage")
    assert notice.organisation == stored.organisation
    assert notice.amount_wh == 300
    assert "Battery: the meter of Turbine 2 was corrected. 300 Wh" in notice.message
    produce("1.1")  # made good: nothing to tell
    produce("0.6")
    told = Notice.objects.filter(kind="storage").order_by("pk").values_list("amount_wh", flat=True)
    assert list(told) == [300, 400]


def test_a_correction_before_the_losses_are_settled_changes_nothing_of_what_comes_back(
    battery, produce, device, certify
):
    produce("1", "2")
    take(battery, line(0, -1000), line(1, 800))
    charge(battery)
    certify()
    produce("0.7")
    (one,) = corrected_origins(battery, NOW)
    assert (one.missing_wh, one.given_wh, one.given_missing_wh) == (300, 0, 0)
    assert settle_losses(battery).given_wh == 800
    assert open_debt_wh(device) == 300


def test_a_correction_that_is_taken_back_leaves_no_shortfall(stored, produce, device):
    produce("0.7")
    produce("1.1")
    assert corrected_origins(stored, NOW) == []
    assert open_debt_wh(device) == 0


def test_what_was_stored_twice_leads_through_both_to_the_meter(stored, produce, device, certify):
    other = register_storage(facts=storage_facts(name="Second"), now=NOW, approve=True)
    take(other, line(1, -2800), line(2, 2400))
    # In hour 1: 2,000 Wh of wind, and the 800 Wh that the first storage gave back.
    assert charge(other).amount_wh == 2_800
    certify()
    settle_losses(other)
    (lot,) = other.lots.all()
    hours = of_meters([claim(lot, 2_400)])
    assert hours == {(device.pk, hour(0)): 686, (device.pk, hour(1)): 1_714}
    produce("0.7")
    correction = device.corrections.get()
    assert given_back_of([correction.pk]) == [*stored.lots.values_list("pk", flat=True), lot.pk]
    missing = sum(link.missing_wh for link in chain_of([lot.pk], NOW))
    assert missing == 206  # 686 x 300 / 1,000, rounded up


def test_a_claim_on_both_attributes_of_a_wh_counts_both(stored, device):
    (lot,) = stored.lots.all()
    hours = of_meters([claim(lot, lot.amount_wh), claim(lot, lot.amount_wh)])
    assert hours == {(device.pk, hour(0)): 2 * lot.amount_wh}


def test_hours_without_a_correction_have_no_shortfall(stored, device):
    assert shortfalls([(device.pk, hour(0)), (device.pk, hour(1))], NOW) == {}


@given(retired=wh, deficit=wh, parts=st.lists(wh, min_size=1, max_size=5))
def test_shares_together_reach_what_is_missing_and_none_exceeds_its_claim(retired, deficit, parts):
    one = Shortfall(Device(), START, 0, 0, deficit, 0, retired)
    shares = [one.share(part) for part in parts]
    assert all(0 < share <= part for share, part in zip(shares, parts, strict=True))
    assert one.share(retired) == one.missing_wh
    exact = sum(parts) * one.missing_wh
    assert 0 <= sum(shares) * retired - exact < len(parts) * retired
