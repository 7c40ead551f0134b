"""Every Wh of a plant is at one place, and the places add up to what was issued."""

from django.db.models import Sum

from certificates.models import Agreement, Lot
from certificates.queries.generator.fates import fate
from certificates.queries.holding.holdings import holdings
from certificates.services.holding.holds import Change, change_state
from certificates.services.holding.retirement import retire_many


def issued(device):
    return Lot.objects.standing().filter(device=device).aggregate(wh=Sum("amount_wh"))["wh"]


def test_a_plant_without_certificates_has_no_fate(device):
    assert fate([device]).issued_wh == 0
    assert fate([]).issued_wh == 0


def test_the_places_add_up_to_what_was_issued(device, company, produce, now):
    Agreement.objects.create(
        device=device, to=company, share_ppm=250_000, starts_at="2018-01-01T00:00Z", agreed_at=now
    )
    produce("4", "8")
    asset = holdings(device.organisation)[0].asset_id
    for event, wh in (("reserve", 500), ("lock", 300), ("withdraw", 200)):
        change_state(
            change=Change(event, device.organisation, {asset: wh}, state="active"),
            key=event,
            now=now,
            reason="Asked for",
        )
    found = fate([device])
    assert (found.aside_wh, found.withdrawn_wh, found.others_wh) == (800, 200, 3_000)
    assert found.own_wh == 9_000 - 1_000
    assert found.issued_wh == issued(device) == 12_000
    assert found.open_wh == 200


def test_uses_name_who_claims_and_for_what(request_for, device, now):
    retire_many(requests=[request_for("a", 100), request_for("b", 250)], now=now)
    found = fate([device])
    (use,) = found.uses
    assert (use.claimant, use.purpose, use.amount_wh) == ("Wind farm", "EV charging", 350)
    assert found.used_wh == 350
    assert found.other_uses_wh == 0


def test_what_is_metered_and_not_issued_is_open(device, produce):
    produce("4", "8")
    device.readings.update(energy_wh=9_000)
    assert fate([device]).open_wh == 6_000
