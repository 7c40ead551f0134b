"""Lots of another registry's certificates keep what it said, and behave as all others."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from certificates.domain.statement import document
from certificates.models import (
    EmissionFactor,
    ExternalRange,
    Lot,
    Notice,
    RegistryPolicy,
)
from certificates.queries.certificate_number import look_up
from certificates.queries.external_ranges import origins
from certificates.queries.holding.holdings import held_wh, holdings
from certificates.queries.holding.statement import statement_facts
from certificates.queries.lot_data import public_facts
from certificates.queries.plants.factors import factor_for
from certificates.queries.readings.mass_balance import mass_balance
from certificates.services.holding import expiry
from certificates.services.holding.cancellations import cancel
from certificates.services.holding.transfer import transfer
from ledger.chain.memory import MemoryChain
from ledger.domain.token_id import IMPORTED, TokenId
from ledger.models import OutboxItem
from ledger.services.settlement import sweep
from tests.certificates.conftest import NOW
from tests.certificates.domain.external.files import gc_csv, hours
from tests.certificates.services.holding.test_cancellations import ask as ask_use
from tests.certificates.services.imports.test_imports import take
from tests.certificates.services.issuing.test_corrections import retire


@pytest.fixture
def settle():
    chain = MemoryChain(chain_id=202611, registry_id=1)
    return lambda: sweep(chain=chain, clock=lambda: NOW)


def test_a_lot_says_that_it_was_brought_in_and_keeps_its_serials(hand_in, abroad):
    take(hand_in())
    lot = Lot.objects.order_by("starts_at").first()
    token = TokenId.from_code(f"{int(lot.code, 16) | lot.mask:040x}")
    assert (token.kind, token.device) == (IMPORTED, int(abroad.gsrn))
    assert lot.reading is None
    kept = lot.external_range
    assert (int(kept.first_serial), int(kept.last_serial), kept.line) == (0, 999, 2)
    assert kept.facts["issuing_body"] == "Another registry"
    assert public_facts(lot)["file"] == kept.brought_in.sha256


def test_what_came_in_is_balanced_by_the_hour(hand_in, abroad, farm):
    take(hand_in())
    retire(farm, 250, "r")
    rows = mass_balance(abroad, datetime(2018, 1, 1, tzinfo=UTC), datetime(2018, 1, 2, tzinfo=UTC))
    assert [(row.generated_wh, row.issued_wh, row.waiting_wh) for row in rows] == [
        (1_000, 1_000, 0)
    ] * 3
    assert all(row.is_balanced for row in rows)


def test_stated_factors_are_frozen_per_lot_and_never_taken_for_other_plants(hand_in, device):
    before = factor_for(device)
    lines = hours(3)
    for line, stated in zip(lines, ("0", "7.25", ""), strict=True):
        line["emissions_factor_production_device"] = stated
        line["emissions_factor_source"] = "Study of 2017"
    take(hand_in(gc_csv(*lines), factors="file"))
    lots = list(Lot.objects.order_by("starts_at"))
    assert [lot.factor_ug_per_wh for lot in lots] == [0, 7_250, before.emissions_ug_per_wh]
    assert lots[1].factor.source == "Stated by The other registry: Study of 2017"
    assert (lots[1].factor.year, lots[1].factor.scope) == (2018, "lifecycle")
    assert [lot.mask for lot in lots] == [3, 3, 3]
    assert factor_for(device) == before


def test_the_same_stated_factor_is_registered_once(hand_in):
    stated = {"emissions_factor_production_device": "12"}
    for file in (hours(2), hours(2, start=10_000)):
        take(hand_in(gc_csv(*(line | stated for line in file)), factors="file"))
    assert EmissionFactor.objects.filter(technology_code="").count() == 1


def test_factors_that_are_not_lifecycle_are_kept_as_facts_alone(hand_in, abroad):
    take(hand_in(gc_csv({"emissions_factor_production_device": "0"}), factors="registry"))
    lot = Lot.objects.get()
    assert lot.factor == factor_for(abroad)
    assert lot.external_range.facts["emissions_factor_production_device"] == "0"


def test_two_bundles_of_one_hour_are_two_lots(hand_in, farm):
    more = {
        "issuance_id": "GC-8",
        "certificate_bundle_id_range_start": "5000",
        "certificate_bundle_id_range_end": "5999",
    }
    take(hand_in(gc_csv({}, more)))
    assert sorted(Lot.objects.values_list("sequence", flat=True)) == [0, 1]
    later = more | {
        "certificate_bundle_id_range_start": "7000",
        "certificate_bundle_id_range_end": "7999",
    }
    take(hand_in(gc_csv(later)))
    assert sorted(Lot.objects.values_list("sequence", flat=True)) == [0, 1, 2]
    assert held_wh(farm) == 3_000


def test_lots_are_transferred_retired_and_certified_as_others(
    hand_in, abroad, farm, company, settle
):
    take(hand_in())
    assets = [row.asset_id for row in holdings(farm)]
    transfer(source=farm, destination=company, amounts={assets[0]: 400}, key="t", now=NOW)
    retire(farm, 250, "r")
    settle()
    assert set(OutboxItem.objects.values_list("status", flat=True)) == {"certified"}
    lots = list(Lot.objects.order_by("starts_at"))
    assert [lot.first_wh for lot in lots] == [0, 1_000, 2_000]
    retired = [used for hour in look_up(abroad, 0).hours for used in hour.retired]
    assert sum(used.stretch.amount_wh for used in retired if used.attribute == "renewable") == 250
    assert held_wh(company) == 400
    assert held_wh(farm) == 3_000 - 400 - 250


@pytest.mark.parametrize(
    "changes",
    [{"first_serial": "5"}, {"first_serial": "9" * 40}, {"last_serial": "x" * 40}],
)
def test_the_database_keeps_serials_in_order(hand_in, changes):
    take(hand_in())
    row = ExternalRange.objects.first()
    with pytest.raises(IntegrityError), transaction.atomic():
        ExternalRange.objects.filter(pk=row.pk).update(**changes)


def test_a_certificate_lasts_no_longer_than_its_issuer_said(hand_in, farm):
    lines = hours(3)
    lines[0]["expiry_datestamp"] = "2019-04-01T00:00:00Z"
    lines[1]["expiry_datestamp"] = "2019-05-01"
    take(hand_in(gc_csv(*lines)))
    day = datetime(2019, 4, 1, tzinfo=UTC)
    assert expiry.warn(now=day - timedelta(days=2)) == 1
    assert expiry.warn(now=day - timedelta(days=2)) == 0
    assert Notice.objects.exclude(kind="import").get().amount_wh == 1_000
    assert expiry.expire(now=day - timedelta(minutes=1)) == 0
    assert expiry.expire(now=day) == 1_000
    assert expiry.expire(now=day) == 0
    assert expiry.expire(now=datetime(2019, 5, 2, tzinfo=UTC)) == 1_000
    assert held_wh(farm) == 1_000


def test_this_registrys_term_ends_what_its_issuer_would_let_last(hand_in, farm):
    take(hand_in(gc_csv({"expiry_datestamp": "2030-01-01"})))
    RegistryPolicy.objects.create(
        valid_from=datetime(2018, 1, 1, tzinfo=UTC), tradable_months=12, usable_months=18
    )
    assert expiry.expire(now=datetime(2019, 7, 1, 1, tzinfo=UTC)) == 1_000


def test_a_statement_names_the_serials_of_what_another_registry_issued(
    hand_in, farm, device, produce, client
):
    produce("1", "2")
    take(hand_in(gc_csv({"expiry_datestamp": "2030-01-01"})))
    made = cancel(request=ask_use(farm), now=NOW)
    facts_ = statement_facts(made, url="https://r.example/s/x", registry="Registry", now=NOW)
    lines = document(facts_)["certificates"]
    assert [line["external"] for line in lines if line["gsrn"] == device.gsrn] == [None, None]
    (external,) = [line["external"] for line in lines if line["external"]]
    assert external == {
        "registry": "The other registry",
        "registry_country": "DK",
        "issuance_id": "GC-7-2018-01-01-00",
        "first_serial": "0",
        "last_serial": "999",
        "issuing_body": "Another registry",
        "expires_at": "2030-01-02T00:00Z",
        "from_storage": False,
        "storage_efficiency": "",
        "after_conversion": False,
    }
    page = client.get(reverse("statement", args=[made.public_id])).content.decode()
    assert "Issued by another registry" in page
    assert "GC-7-2018-01-01-00" in page
    assert client.get(reverse("statement_pdf", args=[made.public_id])).content.startswith(b"%PDF")


def test_the_certificates_page_names_registry_serials_and_end(hand_in, abroad, client, settle):
    take(hand_in(gc_csv(*hours(2))))
    settle()
    page = client.get(reverse("certificate", args=[abroad.gsrn, 0])).content.decode()
    assert "The other registry (DK)" in page
    assert "1000 \u2013 1999" in page
    assert "not stated" in page
    answer = client.get(f"/api/v1/certificates/{abroad.gsrn}/0/").json()
    assert [hour["external"]["last_serial"] for hour in answer["hours"]] == ["999", "1999"]
    assert (
        "issued by another registry"
        in client.get(reverse("plant", args=[abroad.gsrn])).content.decode()
    )


def test_a_lot_keeps_that_storage_or_conversion_was_before_it_elsewhere(hand_in, abroad, farm):
    stored = {"is_storage": "TRUE", "storage_efficiency_factor": "0.85"}
    converted = {"issuance_post_energy_carrier_conversion": "TRUE"}
    first, second, third = hours(3)
    row = hand_in(gc_csv(first | stored, second | converted, third))
    told = " ".join(row.report["findings"])
    assert "Of 1 lines the energy came out of storage" in told
    assert "Of 1 lines the energy was converted" in told
    take(row)
    found = origins(Lot.objects.order_by("starts_at").values_list("pk", flat=True))
    ways = [found[lot.pk].way for lot in Lot.objects.order_by("starts_at")]
    assert ways == [
        "given back by storage there, efficiency 0.85",
        "after conversion from another carrier there",
        "",
    ]
    said = document(
        statement_facts(cancel(request=ask_use(farm), now=NOW), url="x", registry="R", now=NOW)
    )
    externals = [line["external"] for line in said["certificates"]]
    assert [one["from_storage"] for one in externals] == [True, False, False]
    assert externals[0]["storage_efficiency"] == "0.85"


def test_listeners_are_told_of_the_days_that_were_brought_in(hand_in, farm, told):
    take(hand_in())
    days = {lot.starts_at.date() for lot in Lot.objects.all()}
    assert days
    assert told == {farm.account_id: days}
