"""Another registry's certificates come in once, by an auditor's word, and behave as others."""

import io
from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from certificates.domain.statement import document
from certificates.errors import (
    AgreementRefused,
    CertifiedElsewhere,
    ChoiceNeeded,
    DeviceNotApproved,
    ImportRefused,
    LinesRefused,
    RegistryUnknown,
)
from certificates.models import (
    CertificateImport,
    Device,
    EmissionFactor,
    ExternalRange,
    Lot,
    Notice,
    RegistryPolicy,
)
from certificates.queries.certificate_number import look_up
from certificates.queries.factors import factor_for
from certificates.queries.holdings import held_wh, holdings
from certificates.queries.lot_data import public_facts
from certificates.queries.mass_balance import mass_balance
from certificates.queries.statement import statement_facts
from certificates.services import agreements, certificate_imports, expiry, external_files
from certificates.services.cancellations import cancel
from certificates.services.certificate_imports import (
    Request,
    accept,
    hand_in_file,
    refuse,
    withdraw,
)
from certificates.services.devices import register_device
from certificates.services.external_registries import find_registry, register_registry
from certificates.services.holding import Change, change_state
from certificates.services.issuance import issue
from certificates.services.meter_storage import IMPORTS
from certificates.services.readings import import_readings
from certificates.services.transfer import transfer
from ledger.chain.memory import MemoryChain
from ledger.domain.token_id import IMPORTED, TokenId
from ledger.models import Account, AuditEvent, Balance, OutboxItem
from ledger.services.settlement import sweep
from tests.certificates.conftest import NOW, PROOF, facts, meter_csv
from tests.certificates.domain.external.files import gc_csv, hours
from tests.certificates.services.test_cancellations import ask as ask_use
from tests.certificates.services.test_corrections import retire


def take(brought):
    return accept(brought=brought, now=NOW, actor="auditor@example.org")


@pytest.fixture
def settle():
    chain = MemoryChain(chain_id=202611, registry_id=1)
    return lambda: sweep(chain=chain, clock=lambda: NOW)


def test_nothing_is_issued_before_an_auditor_has_decided(hand_in, farm):
    brought = hand_in()
    assert brought.status == "submitted"
    assert brought.report["amount_wh"] == 3_000
    assert not Lot.objects.exists()
    take(brought)
    assert held_wh(farm) == 3_000
    actions = AuditEvent.objects.filter(action__startswith="certificate_import")
    assert list(actions.order_by("pk").values_list("action", "actor")) == [
        ("certificate_import.submitted", "owner@example.org"),
        ("certificate_import.accepted", "auditor@example.org"),
    ]


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


def test_the_same_file_twice_answers_with_the_first(hand_in):
    first = hand_in()
    assert hand_in() == first
    take(first)
    assert hand_in() == first
    assert Lot.objects.count() == 3


def test_accepting_twice_issues_once(hand_in, farm):
    brought = hand_in()
    take(brought)
    take(brought)
    assert held_wh(farm) == 3_000


def test_the_same_file_with_other_choices_is_refused(hand_in):
    stated = {"emissions_factor_production_device": "12"}
    hand_in(gc_csv(stated), factors="file")
    with pytest.raises(ImportRefused, match="That one counts"):
        hand_in(gc_csv(stated), factors="registry")


def test_the_same_file_with_another_document_is_refused(hand_in):
    hand_in()
    with pytest.raises(ImportRefused, match="another document"):
        hand_in(proof="Another statement")


def test_what_is_refused_for_one_plant_is_not_taken_from_another(hand_in, farm, data_dir):
    other = register_device(facts=facts(name="Other", kind="external"), now=NOW, approve=True)
    kept = hand_in()
    with pytest.raises(ImportRefused):
        hand_in(device=other, proof="no")
    assert [path.parent.name for path in data_dir.glob(f"uploads/{IMPORTS}/*/*")] == [
        kept.device.gsrn
    ]
    take(kept)


def test_what_came_in_is_balanced_by_the_hour(hand_in, abroad, farm):
    take(hand_in())
    retire(farm, 250, "r")
    rows = mass_balance(abroad, datetime(2018, 1, 1, tzinfo=UTC), datetime(2018, 1, 2, tzinfo=UTC))
    assert [(row.generated_wh, row.issued_wh, row.waiting_wh) for row in rows] == [
        (1_000, 1_000, 0)
    ] * 3
    assert all(row.is_balanced for row in rows)


def test_serials_that_came_in_before_are_refused_with_both_lines(hand_in):
    brought = take(hand_in())
    again = gc_csv(*hours(1, start=2_500), {"issuance_id": "X"})
    with pytest.raises(LinesRefused) as caught:
        hand_in(again)
    (first, second) = caught.value.lines
    assert (first.line, second.line) == (2, 3)
    assert f"shares serials with line 4 of import {brought.pk} (gc.csv)" in first.message
    assert "line 2 of import" in second.message


def test_serials_are_one_series_even_under_another_issuance(hand_in):
    take(hand_in(gc_csv({})))
    with pytest.raises(LinesRefused, match="shares serials"):
        hand_in(gc_csv({"issuance_id": "SOMETHING-ELSE"}))


def test_another_registry_has_serials_of_its_own(hand_in, abroad):
    take(hand_in())
    third = register_registry(code="third", name="A third", country="NO", now=NOW)
    request = Request(abroad, third, "gc.csv", PROOF)
    take(hand_in_file(request=request, stream=gc_csv({}), now=NOW, actor="x"))
    assert ExternalRange.objects.count() == 4


def test_of_two_files_that_share_serials_the_second_is_refused_when_it_is_decided(hand_in):
    first, second = hand_in(), hand_in(gc_csv(*hours(2, wh=700)))
    take(first)
    with pytest.raises(LinesRefused, match="shares serials"):
        take(second)
    second.refresh_from_db()
    assert second.status == "submitted"
    refuse(brought=second, reason="These came in before.", now=NOW, actor="auditor@example.org")
    second.refresh_from_db()
    assert (second.status, second.reason) == ("refused", "These came in before.")


def test_a_file_with_a_bad_line_leaves_nothing_behind(hand_in, data_dir):
    bad = {"bundle_quantity": "5"}
    with pytest.raises(LinesRefused) as caught:
        hand_in(gc_csv({}, bad))
    (line,) = caught.value.lines
    assert (line.line, line.field) == (3, "bundle_quantity")
    assert "'5' is not the number of serials" in line.message
    assert not CertificateImport.objects.exists()
    assert not list(data_dir.glob(f"uploads/{IMPORTS}/*/*"))


def test_what_a_file_leaves_open_is_asked(hand_in):
    naive = {
        "production_starting_interval": "2018-01-01 00:00",
        "production_ending_interval": "2018-01-01 01:00",
    }
    with pytest.raises(ChoiceNeeded, match="without an offset"):
        hand_in(gc_csv(naive))
    take(hand_in(gc_csv(naive), clock="utc"))
    assert Lot.objects.get().starts_at == datetime(2018, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize("proof", ["", "  ", "yes", "x" * 301])
def test_without_a_proof_nothing_is_handed_in(hand_in, proof):
    with pytest.raises(ImportRefused):
        hand_in(proof=proof)


def test_who_handed_in_does_not_decide(hand_in):
    brought = hand_in(actor="both@example.org")
    for act, more in ((accept, {}), (refuse, {"reason": "no"})):
        with pytest.raises(ImportRefused, match="somebody else has to decide"):
            act(brought=brought, now=NOW, actor="both@example.org", **more)
    take(brought)
    with pytest.raises(ImportRefused, match="somebody else has to decide"):
        withdraw(brought=brought, reason="no", now=NOW, actor="both@example.org")


def test_a_refused_file_may_be_handed_in_again(hand_in):
    first = hand_in()
    refuse(brought=first, reason="The statement names other serials.", now=NOW, actor="auditor")
    second = hand_in()
    assert second.key == f"{first.key}:2"
    take(second)
    with pytest.raises(ImportRefused, match="refused already"):
        take(first)
    with pytest.raises(ImportRefused, match="imported already"):
        refuse(brought=second, reason="late", now=NOW, actor="auditor")


def test_a_plant_certified_here_takes_no_certificates_of_others(hand_in, device):
    with pytest.raises(ImportRefused, match="from meter files"):
        hand_in(device=device)


def test_a_plant_certified_elsewhere_makes_none_of_meter_files(abroad, now):
    with pytest.raises(CertifiedElsewhere, match="Bring those certificates in instead"):
        import_readings(
            device=abroad,
            stream=meter_csv("2018-01-01T00:00Z,1"),
            name="m.csv",
            selection={},
            now=now,
        )
    assert issue(device=abroad, now=now).lots == 0


def test_no_agreement_is_made_over_what_is_brought_in(abroad, company, now):
    with pytest.raises(AgreementRefused, match="another registry"):
        agreements.agree(device=abroad, to=company, share_ppm=1, now=now)


def test_a_plant_that_is_not_approved_waits(hand_in, farm):
    waiting = register_device(facts=facts(name="New", kind="external"), now=NOW)
    with pytest.raises(DeviceNotApproved):
        hand_in(device=waiting)


def test_a_plant_with_estimated_readings_is_refused(hand_in, farm):
    vague = register_device(
        facts=facts(name="Vague", kind="external", quality="estimated"), now=NOW, approve=True
    )
    with pytest.raises(ImportRefused, match="estimated"):
        hand_in(device=vague)


def test_own_certificates_never_come_back_as_anothers(hand_in, device, produce):
    (lot, _) = produce("1", "2")
    for number in (lot.code.upper(), f"{int(lot.code, 16) | 3:040x}", f"GC-{device.gsrn}-1"):
        with pytest.raises(LinesRefused, match="certificate of this registry"):
            hand_in(gc_csv({"issuance_id": number}))


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


def test_a_wrong_import_is_taken_back_while_nothing_of_it_moved(hand_in, farm, settle):
    brought = take(hand_in())
    settle()
    withdraw(brought=brought, reason="Wrong plant", now=NOW, actor="auditor")
    settle()
    assert held_wh(farm) == 0
    withdrawn = Balance.objects.filter(account__system=Account.System.WITHDRAWN)
    assert sum(withdrawn.values_list("amount", flat=True)) == 3_000
    assert Lot.objects.count() == 3
    brought.refresh_from_db()
    assert (brought.status, brought.reason) == ("refused", "Withdrawn: Wrong plant")
    take(hand_in())
    assert held_wh(farm) == 3_000
    assert ExternalRange.objects.count() == 6


def test_an_import_of_which_something_moved_is_not_taken_back(hand_in, farm, company):
    brought = take(hand_in())
    asset = holdings(farm)[0].asset_id
    transfer(source=farm, destination=company, amounts={asset: 1}, key="t", now=NOW)
    with pytest.raises(ImportRefused, match="1 of the 3 certificates"):
        withdraw(brought=brought, reason="Wrong plant", now=NOW, actor="auditor")
    assert held_wh(farm) == 2_999


def test_reserved_certificates_are_not_taken_back_silently(hand_in, farm):
    brought = take(hand_in())
    asset = holdings(farm)[0].asset_id
    change_state(change=Change("reserve", farm, {asset: 5}), key="k", now=NOW)
    with pytest.raises(ImportRefused, match="not whole"):
        withdraw(brought=brought, reason="Wrong plant", now=NOW, actor="auditor")


def test_a_file_that_changed_on_the_disk_is_not_taken(hand_in, farm):
    brought = hand_in()
    path = certificate_imports.StoredFile(brought.sha256, brought.stored_as, 0).path
    path.write_bytes(gc_csv(*hours(5)).getvalue())
    with pytest.raises(ImportRefused, match="not the file that was handed in"):
        take(brought)
    path.unlink()
    with pytest.raises(ImportRefused, match="not kept here"):
        take(brought)
    assert held_wh(farm) == 0


def test_a_plant_that_changed_hands_keeps_nobody_elses_import(hand_in, abroad, company):
    brought = hand_in()
    Device.objects.filter(pk=abroad.pk).update(organisation=company)
    with pytest.raises(ImportRefused, match="changed hands"):
        take(brought)


def test_a_preview_tells_everything_and_keeps_nothing(
    abroad, other_registry, device, produce, data_dir
):
    produce("1", "2")
    lines = [
        {"issue_market_zone": "GB", "emissions_factor_production_device": "12"} | line
        for line in hours(2, wh=2_300_000)
    ]
    report = external_files.preview(
        device=abroad,
        registry=other_registry,
        stream=gc_csv(*lines, {"bundle_quantity": "x"}),
        choices={"factors": "file"},
        now=NOW,
    )
    assert (report["rows"], report["good"], report["bad"]) == (3, 2, 1)
    assert (report["starts_at"], report["ends_at"]) == ("2018-01-01T00:00Z", "2018-01-01T02:00Z")
    assert report["sources"][0] | {"lines": 2} == {
        "word": "wind",
        "lines": 2,
        "meaning": "Wind",
        "technology_code": "T020001",
        "energy_source_code": "F01050100",
    }
    assert report["factor"] == "the file's: 12 g CO2e per kWh"
    over, twice, zone = report["findings"]
    assert over.startswith("2 intervals hold more than 2,050,000 W")
    assert "not the same plant" in twice
    assert "market zone GB" in zone
    assert not list(data_dir.glob(f"uploads/{IMPORTS}/*/*"))
    assert not CertificateImport.objects.exists()


def test_a_registry_is_registered_once_and_found_by_its_short_name(other_registry):
    again = register_registry(code="other", name="The other registry", country="DK", now=NOW)
    assert again == other_registry == find_registry("other")
    assert AuditEvent.objects.filter(action="external_registry.registered").count() == 1
    with pytest.raises(RegistryUnknown, match="Known: other"):
        find_registry("nobody")


@pytest.mark.parametrize(
    "changes",
    [
        {"code": "Other!"},
        {"name": " "},
        {"name": "x" * 201},
        {"country": "dk"},
        {"name": "Renewable Energy Registry"},
        {"code": "other", "name": "An impostor"},
    ],
)
def test_a_registry_that_cannot_be_is_refused(other_registry, changes):
    stated = {"code": "new", "name": "New", "country": "SE"} | changes
    with pytest.raises(ImportRefused):
        register_registry(**stated, now=NOW)


@pytest.mark.parametrize(
    "changes",
    [{"first_serial": "5"}, {"first_serial": "9" * 40}, {"last_serial": "x" * 40}],
)
def test_the_database_keeps_serials_in_order(hand_in, changes):
    take(hand_in())
    row = ExternalRange.objects.first()
    with pytest.raises(IntegrityError), transaction.atomic():
        ExternalRange.objects.filter(pk=row.pk).update(**changes)


def test_an_empty_stream_is_refused(hand_in):
    with pytest.raises(Exception, match="names no column"):
        hand_in(io.BytesIO(b" "))


def test_a_certificate_lasts_no_longer_than_its_issuer_said(hand_in, farm):
    lines = hours(3)
    lines[0]["expiry_datestamp"] = "2019-04-01T00:00:00Z"
    lines[1]["expiry_datestamp"] = "2019-05-01"
    take(hand_in(gc_csv(*lines)))
    day = datetime(2019, 4, 1, tzinfo=UTC)
    assert expiry.warn(now=day - timedelta(days=2)) == 1
    assert expiry.warn(now=day - timedelta(days=2)) == 0
    assert Notice.objects.get().amount_wh == 1_000
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


def test_what_expired_meanwhile_is_not_accepted(hand_in):
    brought = hand_in(gc_csv({"expiry_datestamp": "2019-04-01T00:00:00Z"}))
    with pytest.raises(LinesRefused, match="have expired"):
        accept(brought=brought, now=datetime(2019, 4, 1, tzinfo=UTC), actor="auditor")


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
    assert "1000 to 1999" in page
    assert "not stated" in page
    answer = client.get(f"/api/v1/certificates/{abroad.gsrn}/0/").json()
    assert [hour["external"]["last_serial"] for hour in answer["hours"]] == ["999", "1999"]
    assert (
        "issued by another registry"
        in client.get(reverse("plant", args=[abroad.gsrn])).content.decode()
    )
