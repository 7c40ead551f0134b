"""Another registry's certificates come in once, by an auditor's word, and behave as others."""

import io
from datetime import UTC, datetime

import pytest

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
    ExternalRange,
    Lot,
)
from certificates.queries.holding.holdings import held_wh, holdings
from certificates.services.holding import agreements
from certificates.services.holding.holds import Change, change_state
from certificates.services.holding.transfer import transfer
from certificates.services.imports import files as external_files
from certificates.services.imports import imports as certificate_imports
from certificates.services.imports.imports import (
    Request,
    hand_in_file,
    refuse,
    withdraw,
)
from certificates.services.imports.registries import find_registry, register_registry
from certificates.services.issuing.issuance import issue
from certificates.services.meters.readings import import_readings
from certificates.services.meters.storing import IMPORTS
from certificates.services.plants.devices import register_device
from ledger.chain.memory import MemoryChain
from ledger.models import Account, AuditEvent, Balance
from ledger.services.settlement import sweep
from tests.certificates.accepting import accept
from tests.certificates.conftest import NOW, PROOF, facts, meter_csv
from tests.certificates.domain.external.files import gc_csv, hours


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
        ("certificate_import.imported", "auditor@example.org"),
    ]


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


def test_an_empty_stream_is_refused(hand_in):
    with pytest.raises(Exception, match="names no column"):
        hand_in(io.BytesIO(b" "))


def test_what_expired_meanwhile_is_not_accepted(hand_in):
    brought = hand_in(gc_csv({"expiry_datestamp": "2019-04-01T00:00:00Z"}))
    with pytest.raises(LinesRefused, match="have expired"):
        accept(brought=brought, now=datetime(2019, 4, 1, tzinfo=UTC), actor="auditor")
