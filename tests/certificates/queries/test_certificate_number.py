"""Certificate number k: its hours, what of it was retired and for what, who holds the rest."""

import hashlib

import pytest
from django.urls import reverse

from certificates.domain.odometer import Stretch
from certificates.models import Lot, Retirement
from certificates.queries.certificate_number import look_up, odometer_wh
from certificates.queries.holding.holdings import holdings
from certificates.services.holding.agreements import agree
from certificates.services.holding.retirement import RetirementRequest, retire_many
from certificates.services.meters.readings import import_readings
from ledger.signals import batch_certified
from tests.certificates.conftest import meter_csv


@pytest.fixture
def certified(device, company, produce, now, send):
    """600, 700 and 800 kWh, certified in this order; the company holds a tenth of each."""
    agree(device=device, to=company, share_ppm=100_000, now=now)
    lots = produce("600", "700", "800")
    firsts = dict(zip(lots, (0, 600_000, 1_300_000), strict=True))
    batch = send(
        *(lot.entry_id for lot in lots),
        numbers={lot.entry_id: (first, first) for lot, first in firsts.items()},
    )
    batch_certified.send(sender=None, batch_id=batch.pk)
    return list(Lot.objects.order_by("starts_at"))


def retire(company, row, amount_wh, key, now, send, first):
    (pk,) = retire_many(
        requests=[
            RetirementRequest(
                key=key,
                holder=company.pk,
                account=company.account_id,
                asset=row.asset_id,
                lot=row.lot_id,
                mask=row.mask,
                amount_wh=amount_wh,
                claimant=company.pk,
                beneficiary_type="named",
                beneficiary="A driver",
                purpose="EV charging",
                country="GB",
                consumption_starts_at=row.starts_at,
                consumption_ends_at=now,
                reference=f"charge {key}",
                commitment=hashlib.sha256(key.encode()).digest(),
            )
        ],
        now=now,
    )
    entry = Retirement.objects.get(pk=pk).entry_id
    batch = send(entry, numbers={entry: first})
    batch_certified.send(sender=None, batch_id=batch.pk)
    return Retirement.objects.get(pk=pk)


def test_a_certificate_is_made_of_the_hours_its_wh_came_from(device, certified):
    one, two = look_up(device, 0), look_up(device, 1)
    assert [hour.stretch for hour in one.hours] == [
        Stretch(0, 600_000),
        Stretch(600_000, 1_000_000),
    ]
    assert [hour.stretch for hour in two.hours] == [
        Stretch(1_000_000, 1_300_000),
        Stretch(1_300_000, 2_000_000),
    ]
    assert one.is_complete
    assert two.is_complete
    assert odometer_wh(device) == 2_100_000


def test_the_last_certificate_is_not_complete_yet(device, certified):
    third = look_up(device, 2)
    assert (third.issued_wh, third.is_complete) == (100_000, False)
    assert look_up(device, 3).hours == ()


def test_what_is_not_certified_has_no_number(device, produce):
    produce("600", "700")
    assert look_up(device, 0).hours == ()
    assert odometer_wh(device) == 0


def test_retired_stretches_name_their_claim_for_each_attribute(
    device, company, certified, now, send
):
    second = holdings(company)[1]
    retirement = retire(company, second, 50_000, "a", now, send, (600_000, 600_000))
    assert (retirement.first_renewable_wh, retirement.first_emissions_wh) == (600_000, 600_000)
    hour = look_up(device, 0).hours[1]
    assert {(part.attribute, part.stretch) for part in hour.retired} == {
        ("renewable", Stretch(600_000, 650_000)),
        ("emissions", Stretch(600_000, 650_000)),
    }
    assert {part.reference for part in hour.retired} == {"charge a"}
    assert {(held.holder, held.amount_wh) for held in hour.held} == {
        ("Wind farm", 630_000),
        ("Charging company", 20_000),
    }


def test_a_retired_stretch_across_two_certificates_shows_its_part_in_each(
    device, company, certified, now, send
):
    second = holdings(company)[1]
    retire(company, second, 70_000, "a", now, send, (970_000, None))
    parts = [
        part.stretch
        for number in (0, 1)
        for hour in look_up(device, number).hours
        for part in hour.retired
    ]
    assert parts == [Stretch(970_000, 1_000_000), Stretch(1_000_000, 1_040_000)]


def test_what_a_correction_withdrew_is_a_hole_at_the_end_of_its_lot(
    device, company, certified, now, send
):
    row = holdings(company)[1]
    retire(company, row, 500, "a", now, send, (600_000, 600_000))
    stream = meter_csv("2018-01-01T00:00Z,600", "2018-01-01T01:00Z,250")
    import_readings(device=device, stream=stream, name="m", selection={}, now=now)
    first, second = look_up(device, 0), look_up(device, 1)
    hole = first.hours[1].hole
    assert hole.stretch == Stretch(850_000, 1_000_000)
    assert second.hours[0].hole.stretch == Stretch(1_000_000, 1_300_000)
    assert hole.corrected_wh == 450_000
    assert first.withdrawn_wh + second.withdrawn_wh == 450_000
    (used,) = {r.stretch for r in first.hours[1].retired}
    assert used.end <= hole.stretch.first


def test_the_page_of_a_certificate_says_what_was_taken_out_of_use(device, certified, now, client):
    stream = meter_csv("2018-01-01T00:00Z,500", "2018-01-01T01:00Z,700")
    import_readings(device=device, stream=stream, name="m", selection={}, now=now)
    page = client.get(reverse("certificate", args=[device.gsrn, 0])).content.decode()
    assert "were taken out of use" in page
