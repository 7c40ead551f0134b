"""A plant's papers: kept once per content, withdrawn, read by the owner and the registry alone."""

import io

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from certificates.domain import papers
from certificates.errors import DocumentRefused
from certificates.models import Device, Membership, PlantDocument, Role, User
from certificates.services.meters.storing import DOCUMENTS
from certificates.services.plants import documents as plant_documents
from certificates.services.plants.devices import register_device
from ledger.models import AuditEvent
from tests.certificates.conftest import NOW, facts
from tests.trail import make_auditor

PDF = b"%PDF-1.7\nmeter certificate"
PNG = b"\x89PNG\r\n\x1a\nscan"
JPEG = b"\xff\xd8\xff\xe0photo"


@pytest.fixture
def owner(farm):
    person = User.objects.create(email="owner@example.org")
    Membership.objects.create(user=person, organisation=farm, role=Role.PRODUCER)
    return person


@pytest.fixture
def submitted(farm):
    return register_device(facts=facts(), now=NOW)


@pytest.fixture
def add(submitted, owner):
    def make(content=PDF, *, name="meter.pdf", kind="meter", device=submitted):
        stream = io.BytesIO(content)
        return plant_documents.add(
            device=device, kind=kind, stream=stream, name=name, user=owner, now=NOW
        )

    return make


def kept(data_dir):
    folder = data_dir / "uploads" / DOCUMENTS
    return sorted(path.name for path in folder.glob("*/*")) if folder.exists() else []


@pytest.mark.parametrize(
    ("content", "media_type"),
    [(PDF, "application/pdf"), (PNG, "image/png"), (JPEG, "image/jpeg")],
)
def test_the_kind_of_a_paper_is_told_by_its_content(add, content, media_type):
    made = add(content, name="paper.exe")
    assert made.media_type == media_type
    assert made.name == f"paper.exe{papers.SUFFIX[media_type]}"
    assert plant_documents.read(document=made, actor="x", now=NOW) == content


@pytest.mark.parametrize(
    "content",
    [b"", b"MZ\x90", b"<html><script>", b"GIF89a", b"%PDF", b" %PDF-1.7", b"PK\x03\x04"],
)
def test_other_files_are_refused_and_leave_nothing(add, content, data_dir):
    with pytest.raises(DocumentRefused):
        add(content)
    assert not kept(data_dir)
    assert not PlantDocument.objects.exists()


def test_a_paper_that_is_too_large_is_refused_and_leaves_nothing(add, data_dir, monkeypatch):
    monkeypatch.setattr(papers, "LARGEST_BYTES", 1 << 20)
    with pytest.raises(DocumentRefused, match="at most 1 MB"):
        add(PDF + b"x" * (1 << 20))
    assert not kept(data_dir)


def test_the_same_content_is_kept_once_and_comes_back_after_a_withdrawal(add, owner, data_dir):
    first = add()
    assert add(name="again.pdf") == first
    assert len(kept(data_dir)) == 1
    plant_documents.withdraw(document=first, user=owner, now=NOW)
    plant_documents.withdraw(document=first, user=owner, now=NOW)
    first.refresh_from_db()
    assert first.withdrawn_at == NOW
    assert len(kept(data_dir)) == 1
    assert add() == first
    first.refresh_from_db()
    assert first.withdrawn_at is None
    actions = AuditEvent.objects.filter(action__startswith="plant_document")
    assert list(actions.order_by("pk").values_list("action", flat=True)) == [
        "plant_document.added",
        "plant_document.withdrawn",
        "plant_document.brought_back",
    ]


def test_two_plants_may_have_the_same_paper(add, farm):
    other = register_device(facts=facts(name="Turbine 3"), now=NOW)
    assert add() != add(device=other)


def test_a_paper_of_no_known_kind_is_refused(add):
    with pytest.raises(DocumentRefused, match="what the paper is"):
        add(kind="poem")


def test_a_plant_has_so_many_papers_and_no_more(add, monkeypatch, data_dir):
    monkeypatch.setattr(papers, "MOST_PAPERS", 2)
    add(PDF + b"1")
    add(PDF + b"2")
    with pytest.raises(DocumentRefused, match="at most 2 papers"):
        add(PDF + b"3")
    assert len(kept(data_dir)) == 2


def test_a_paper_that_changed_on_the_disk_is_not_given_out(add, data_dir):
    made = add()
    path = data_dir / "uploads" / made.stored_as
    path.write_bytes(b"other")
    with pytest.raises(DocumentRefused, match="not the file"):
        plant_documents.read(document=made, actor="x", now=NOW)
    path.unlink()
    with pytest.raises(DocumentRefused, match="not kept here"):
        plant_documents.read(document=made, actor="x", now=NOW)


def test_the_database_keeps_a_content_once_per_plant(add):
    made = add()
    made.pk = None
    with pytest.raises(IntegrityError), transaction.atomic():
        made.save(force_insert=True)


@given(st.text(max_size=400), st.sampled_from(sorted(papers.SUFFIX)))
def test_a_name_is_short_plain_and_ends_as_its_kind(name, media_type):
    plain = papers.plain_name(name, media_type)
    assert 0 < len(plain) <= papers.LONGEST_NAME
    assert "/" not in plain
    assert "\\" not in plain
    assert plain.isprintable()
    assert plain.lower().endswith((papers.SUFFIX[media_type], ".jpeg"))


def test_an_owner_adds_reads_and_withdraws_on_the_plants_page(client, owner, submitted, data_dir):
    client.force_login(owner)
    page = reverse("generator_plant", args=[submitted.gsrn])
    assert "None yet." in client.get(page).content.decode()
    file = io.BytesIO(PDF)
    file.name = "Netz ä.pdf"
    address = reverse("generator_add_paper", args=[submitted.gsrn])
    assert client.post(address, {"kind": "grid_connection", "paper": file}).url == page
    made = PlantDocument.objects.get()
    assert "Grid connection agreement" in client.get(page).content.decode()
    answer = client.get(reverse("generator_paper", args=[submitted.gsrn, made.pk]))
    assert answer.content == PDF
    assert answer["Content-Disposition"].startswith("attachment; filename*=utf-8''Netz")
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Type"] == "application/pdf"
    assert "sandbox" in answer["Content-Security-Policy"]
    client.post(reverse("generator_withdraw_paper", args=[submitted.gsrn, made.pk]))
    assert "None yet." in client.get(page).content.decode()


def test_a_refused_paper_is_told_on_the_plants_page(client, owner, submitted):
    client.force_login(owner)
    address = reverse("generator_add_paper", args=[submitted.gsrn])
    answer = client.post(address, {"kind": "meter"})
    assert answer.status_code == 422
    assert "Choose a file first." in answer.content.decode()


def test_another_organisations_papers_are_not_there(client, owner, submitted, company, add):
    made = add()
    Device.objects.filter(pk=submitted.pk).update(organisation=company)
    client.force_login(owner)
    args = [submitted.gsrn, made.pk]
    assert client.get(reverse("generator_paper", args=args)).status_code == 404
    assert client.post(reverse("generator_withdraw_paper", args=args)).status_code == 404
    address = reverse("generator_add_paper", args=args[:1])
    assert client.post(address, {"kind": "meter"}).status_code == 404


def test_an_auditor_reads_a_paper_from_the_admin_and_that_is_noted(client, add):
    made = add()
    address = reverse("admin:certificates_plantdocument_download", args=[made.pk])
    assert client.get(address).status_code == 302
    client.force_login(make_auditor())
    page = client.get(reverse("admin:certificates_plantdocument_change", args=[made.pk]))
    assert address in page.content.decode()
    answer = client.get(address)
    assert answer.content == PDF
    assert answer["Content-Disposition"] == 'attachment; filename="meter.pdf"'
    assert answer["X-Content-Type-Options"] == "nosniff"
    event = AuditEvent.objects.get(action="plant_document.read")
    assert event.actor == "auditor@example.org"
    assert client.get(address.replace(f"/{made.pk}/", "/999/")).status_code == 404


def test_staff_who_do_not_work_for_the_registry_read_no_paper(client, add):
    made = add()
    staff = User.objects.create_user("staff@example.org", "a long pass phrase", is_staff=True)
    client.force_login(staff)
    address = reverse("admin:certificates_plantdocument_download", args=[made.pk])
    assert client.get(address).status_code == 403
