"""Registrars keep the list of other registries; auditors decide what comes in from them."""

import pytest
from django.urls import reverse

from certificates.models import (
    CertificateImport,
    ExternalRegistry,
    Lot,
    Membership,
    Organisation,
    Role,
    User,
)
from certificates.queries.holding.holdings import held_wh
from certificates.services.imports.bringing_in import bring_in
from ledger.models import AuditEvent
from tests.certificates.conftest import NOW
from tests.certificates.domain.external.files import gc_csv, hours
from tests.certificates.services.imports.test_imports import take
from tests.trail import make_auditor


@pytest.fixture
def auditor(client, db):
    client.force_login(make_auditor())
    return client


@pytest.fixture
def registrar(client, db):
    make_auditor()
    user = User.objects.create_user("registrar@example.org", "a long pass phrase", is_staff=True)
    office = Organisation.objects.get(slug="audit-office")
    Membership.objects.create(user=user, organisation=office, role=Role.REGISTRAR)
    client.force_login(user)
    return client


def decide(client, action, *imports, reason=""):
    answer = client.post(
        reverse("admin:certificates_certificateimport_changelist"),
        {"action": action, "reason": reason, "_selected_action": [one.pk for one in imports]},
        follow=True,
    )
    return answer.content.decode()


def add(client, **changes):
    stated = {"code": "gcr", "name": "Granular registry", "country": "SE"} | changes
    return client.post(reverse("admin:certificates_externalregistry_add"), stated)


def test_an_accepted_import_issues_and_says_who_accepted_it(
    auditor, hand_in, farm, django_capture_on_commit_callbacks
):
    brought = hand_in()
    with django_capture_on_commit_callbacks() as asked:
        page = decide(auditor, "accept", brought)
    assert "1 certificate import decided" in page
    assert "0 of 3 lines are read" in page
    assert len(asked) == 1
    change = reverse("admin:certificates_certificateimport_change", args=[brought.pk])
    assert 'http-equiv="refresh"' in auditor.get(change).content.decode()
    bring_in(import_id=brought.pk, now=NOW)
    assert 'http-equiv="refresh"' not in auditor.get(change).content.decode()
    assert held_wh(farm) == 3_000
    event = AuditEvent.objects.get(action="certificate_import.imported")
    assert (event.actor, event.detail["lots"]) == ("auditor@example.org", 3)
    for name in ("certificateimport", "externalrange", "lot"):
        page = auditor.get(reverse(f"admin:certificates_{name}_changelist"))
        assert page.status_code == 200
    lot = Lot.objects.first()
    page = auditor.get(reverse("admin:certificates_lot_change", args=[lot.pk])).content.decode()
    assert "Serials" in page
    kept = lot.external_range.pk
    assert (
        auditor.get(reverse("admin:certificates_externalrange_change", args=[kept])).status_code
        == 200
    )


def test_of_two_that_share_serials_one_comes_in_and_the_other_says_why(auditor, hand_in, farm):
    imports = hand_in(), hand_in(gc_csv(*hours(1)))
    assert "2 certificate imports decided" in decide(auditor, "accept", *imports)
    for one in imports:
        bring_in(import_id=one.pk, now=NOW)
    assert held_wh(farm) == 3_000
    page = auditor.get(reverse("admin:certificates_certificateimport_changelist"))
    assert "Line 2, certificate_bundle_id_range_start" in page.content.decode()
    assert list(CertificateImport.objects.order_by("pk").values_list("status", flat=True)) == [
        "imported",
        "submitted",
    ]


def test_a_refusal_needs_its_reason(auditor, hand_in):
    brought = hand_in()
    assert "Say why" in decide(auditor, "refuse", brought)
    decide(auditor, "refuse", brought, reason="The statement is of another plant.")
    brought.refresh_from_db()
    assert (brought.status, brought.reason) == ("refused", "The statement is of another plant.")


def test_a_withdrawal_takes_a_wrong_import_back(auditor, hand_in, farm):
    brought = take(hand_in())
    assert "1 certificate import decided" in decide(
        auditor, "withdraw", brought, reason="Wrong plant"
    )
    assert held_wh(farm) == 0


def test_a_registrar_decides_nothing(registrar, hand_in):
    brought = hand_in()
    decide(registrar, "accept", brought)
    brought.refresh_from_db()
    assert brought.status == "submitted"


def test_a_registrar_adds_a_registry_with_an_audit_event(registrar):
    assert add(registrar).status_code == 302
    kept = ExternalRegistry.objects.get()
    assert (kept.code, kept.name, kept.country) == ("gcr", "Granular registry", "SE")
    assert AuditEvent.objects.get().actor == "registrar@example.org"
    assert b"already exists" in add(registrar, name="An impostor").content
    assert ExternalRegistry.objects.count() == 1


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"country": "Sweden"}, "at most 2"),
        ({"country": "se"}, "two capital letters"),
        ({"code": "G C"}, "valid"),
        ({"name": "Renewable energy registry"}, "That is this registry"),
        ({"name": ""}, "required"),
    ],
)
def test_a_registry_that_cannot_be_is_refused_beside_its_fields(registrar, changes, words):
    page = add(registrar, **changes)
    assert page.status_code == 200
    assert words in page.content.decode()
    assert not ExternalRegistry.objects.exists()


def test_an_auditor_adds_none_and_nobody_changes_one(auditor, other_registry):
    assert add(auditor).status_code == 403
    change = reverse("admin:certificates_externalregistry_change", args=[other_registry.pk])
    assert auditor.get(change).status_code == 200
    assert auditor.post(change, {"name": "Other"}).status_code == 403


def test_an_auditor_gets_the_file_as_it_was_handed_in(auditor, hand_in):
    brought = hand_in()
    address = reverse("admin:certificates_certificateimport_file", args=[brought.pk])
    page = auditor.get(reverse("admin:certificates_certificateimport_change", args=[brought.pk]))
    assert address in page.content.decode()
    answer = auditor.get(address)
    assert answer.content == gc_csv(*hours(3)).getvalue()
    assert answer["Content-Disposition"].startswith("attachment")
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert auditor.get(address.replace(f"/{brought.pk}/", "/999/")).status_code == 404
    auditor.logout()
    assert auditor.get(address).status_code == 302
