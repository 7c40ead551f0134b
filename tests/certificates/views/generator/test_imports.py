"""An owner brings another registry's certificates in, in plain steps."""

import io
import os

import pytest
from django.urls import reverse
from django.utils import timezone

from certificates.models import CertificateImport, Device, Membership, Role, User
from certificates.services.imports.files import drop_forgotten
from certificates.services.imports.imports import accept, refuse, withdraw
from certificates.services.meters import import_progress
from certificates.services.meters.storing import DRAFT_AGE, IMPORTS
from tests.certificates.conftest import NOW, PROOF
from tests.certificates.domain.external.files import gc_csv, hours
from tests.certificates.services.imports.test_imports import take

NAIVE = {
    "production_starting_interval": "01/02/2018 00:00",
    "production_ending_interval": "01/02/2018 01:00",
}


@pytest.fixture
def owner(client, farm):
    person = User.objects.create(email="owner@example.org")
    Membership.objects.create(user=person, organisation=farm, role=Role.PRODUCER)
    client.force_login(person)
    return client


def choose(client, plant, stream, registry="other"):
    stream.name = "gc.csv"
    address = reverse("generator_import", args=[plant.gsrn])
    return client.post(address, {"file": stream, "registry": registry})


def check_page(client, plant, **post):
    address = reverse("generator_import_check", args=[plant.gsrn])
    answer = client.post(address, post, follow=True) if post else client.get(address)
    return answer.content.decode()


def hand_over(client, plant, proof=PROOF, seen=None):
    page = client.get(reverse("generator_import_check", args=[plant.gsrn]))
    mark = page.context["mark"] if seen is None else seen
    address = reverse("generator_import_hand_in", args=[plant.gsrn])
    return client.post(address, {"proof": proof, "seen": mark})


def test_a_file_is_looked_at_handed_in_and_followed(owner, abroad, other_registry):
    assert "Bring in" in owner.get(reverse("generator")).content.decode()
    assert choose(owner, abroad, gc_csv(*hours(3))).status_code == 302
    page = check_page(owner, abroad)
    assert "3 bundles" in page
    assert "T020001 with F01050100" in page
    assert not CertificateImport.objects.exists()
    answer = hand_over(owner, abroad)
    made = CertificateImport.objects.get()
    assert answer.url == reverse("generator_brought", args=[made.pk])
    assert "An auditor compares" in owner.get(answer.url).content.decode()
    take(made)
    page = owner.get(answer.url).content.decode()
    assert "came in" in page
    plant = owner.get(reverse("generator_plant", args=[abroad.gsrn])).content.decode()
    assert "The other registry" in plant
    assert "Upload a meter file" not in plant


def test_a_second_click_leads_to_the_first(owner, abroad, other_registry):
    choose(owner, abroad, gc_csv(*hours(3)))
    first = hand_over(owner, abroad)
    assert hand_over(owner, abroad).url == first.url
    assert CertificateImport.objects.count() == 1


def test_what_the_file_leaves_open_is_asked_and_the_answer_kept(owner, abroad, other_registry):
    choose(owner, abroad, gc_csv(NAIVE))
    page = check_page(owner, abroad)
    assert "A question before we can read it" in page
    assert "Hand it in" not in page
    page = check_page(owner, abroad, dates="dmy", clock="utc")
    assert "2018-02-01 00:00 to 2018-02-01 01:00 UTC" in page
    page = check_page(owner, abroad, dates="mdy", clock="utc")
    assert "2018-01-02 00:00 to" in page
    hand_over(owner, abroad)
    assert CertificateImport.objects.get().report["given"] == {"dates": "mdy", "clock": "utc"}


def test_every_bad_line_is_shown_and_nothing_can_be_handed_in(owner, abroad, other_registry):
    choose(owner, abroad, gc_csv({}, {"bundle_quantity": "x"}, {"energy_source": "solar"}))
    page = check_page(owner, abroad)
    assert "2 lines cannot come in" in page
    assert "is no whole number above 0" in page
    assert "choose the right plant" in page
    assert hand_over(owner, abroad, seen="x").status_code == 422
    assert not CertificateImport.objects.exists()


def test_a_file_that_cannot_be_read_says_why(owner, abroad, other_registry):
    choose(owner, abroad, io.BytesIO(b"a,b\n1,2\n"))
    answer = owner.get(reverse("generator_import_check", args=[abroad.gsrn]))
    assert answer.status_code == 422
    assert "names no column issuance_id" in answer.content.decode()


@pytest.mark.parametrize("proof", ["", "no"])
def test_without_the_document_nothing_is_handed_in(owner, abroad, other_registry, proof):
    choose(owner, abroad, gc_csv({}))
    answer = hand_over(owner, abroad, proof=proof)
    assert answer.status_code == 422
    assert "Name the document" in answer.content.decode()
    assert not CertificateImport.objects.exists()


def test_what_was_not_shown_is_not_handed_in(owner, abroad, other_registry):
    choose(owner, abroad, gc_csv({}))
    mark = owner.get(reverse("generator_import_check", args=[abroad.gsrn])).context["mark"]
    choose(owner, abroad, gc_csv(*hours(5)))
    answer = hand_over(owner, abroad, seen=mark)
    assert answer.status_code == 422
    assert "chosen meanwhile" in answer.content.decode()


def test_a_choice_that_is_none_is_refused_in_words(owner, abroad, other_registry):
    choose(owner, abroad, gc_csv(NAIVE))
    assert "dates is one of dmy, mdy" in check_page(owner, abroad, dates="guess")


def test_a_refusal_and_a_withdrawal_are_told_with_their_reason(owner, abroad, hand_in):
    made = hand_in()
    now = timezone.now()
    refuse(brought=made, reason="It names another plant.", now=now, actor="auditor")
    assert "Look at gc.csv" in owner.get(reverse("generator")).content.decode()
    address = reverse("generator_brought", args=[made.pk])
    assert "It names another plant." in owner.get(address).content.decode()
    again = take(hand_in())
    home = owner.get(reverse("generator")).content.decode()
    assert "Look at gc.csv" not in home
    # What the registry told stays.
    assert "was refused: It names another plant." in home
    assert "was accepted: 3,000 Wh" in home
    withdraw(brought=again, reason="Wrong plant", now=NOW, actor="auditor")
    page = owner.get(reverse("generator_brought", args=[again.pk])).content.decode()
    assert "was taken back" in page


def test_another_producers_plant_and_import_are_not_there(owner, company, abroad, hand_in):
    made = hand_in()
    Device.objects.filter(pk=abroad.pk).update(organisation=company)
    for name, arg in (
        ("generator_import", abroad.gsrn),
        ("generator_import_check", abroad.gsrn),
        ("generator_brought", made.pk),
    ):
        assert owner.get(reverse(name, args=[arg])).status_code == 404


def test_a_plant_certified_here_is_told_so(owner, device, other_registry):
    answer = choose(owner, device, gc_csv({}))
    assert answer.status_code == 422
    assert "from meter files" in answer.content.decode()


def test_without_a_file_or_a_registry_nothing_is_taken(owner, abroad, other_registry):
    address = reverse("generator_import", args=[abroad.gsrn])
    page = owner.post(address, {"registry": ""}).content.decode()
    assert "Choose a file first." in page
    assert "Choose the registry." in page
    assert choose(owner, abroad, gc_csv({}), registry="nobody").status_code == 422


def test_where_no_registry_is_listed_the_page_says_whom_to_ask(owner, abroad):
    page = owner.get(reverse("generator_import", args=[abroad.gsrn])).content.decode()
    assert "Ask the registrar" in page


def test_check_without_a_file_leads_back(owner, abroad, other_registry):
    answer = owner.get(reverse("generator_import_check", args=[abroad.gsrn]))
    assert answer.url == reverse("generator_import", args=[abroad.gsrn])


def test_the_sample_can_be_brought_in(owner, abroad, other_registry):
    text = b"".join(owner.get(reverse("generator_import_sample")).streaming_content)
    choose(owner, abroad, io.BytesIO(text))
    assert "1 bundle" in check_page(owner, abroad, factors="file")


def test_files_that_nobody_handed_in_are_dropped_after_a_day(
    owner, abroad, other_registry, data_dir, hand_in
):
    hand_in(gc_csv(*hours(4)))
    choose(owner, abroad, gc_csv({}))
    folder = data_dir / "uploads" / IMPORTS / abroad.gsrn
    assert len(list(folder.iterdir())) == 2
    old = (NOW - 2 * DRAFT_AGE).timestamp()
    for path in folder.iterdir():
        os.utime(path, (old, old))
    drop_forgotten(now=NOW)
    assert [path.name for path in folder.iterdir()] == [CertificateImport.objects.get().sha256]
    assert "not kept here any more" in check_page(owner, abroad)


def test_the_page_says_how_much_is_written(owner, abroad, hand_in):
    row = accept(brought=hand_in(), now=NOW, actor="auditor")
    CertificateImport.objects.update(lines_done=3)
    address = reverse("generator_brought_progress", args=[row.pk])
    with import_progress.shown(import_progress.BROUGHT, row.pk) as show:
        show(1, 3)
        assert "1 of 3 are written." in owner.get(address).content.decode()
    assert "are written." not in owner.get(address).content.decode()
