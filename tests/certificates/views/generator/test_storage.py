"""Storage's owner registers it, sends records, retires for them, settles, and sees the way."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from certificates.models import Device, Lot, Membership, Role, StorageAct, StorageRecord, User
from certificates.services.holding.cancellations import UNDO
from certificates.services.plants.devices import approve
from certificates.services.storage import acts as storage_acts
from tests.certificates.conftest import NOW
from tests.certificates.stored import charge, line, settle_losses, take

STATED = {
    "organisation": "farm",
    "name": "Battery",
    "power": "1000",
    "room": "2000.5",
    "area": "10YGB----------A",
    "commissioned_on": "2018-01-01",
    "method": "fifo",
    "loss_months": "1",
}
HEADER = "flow_start_datetime,flow_end_datetime,flow_energy,validator_id\n"
LINES = (
    "2018-01-01T00:00Z,2018-01-01T01:00Z,-1000,grid\n2018-01-01T01:00Z,2018-01-01T02:00Z,800,grid\n"
)


@pytest.fixture
def owner(client, farm):
    person = User.objects.create(email="owner@example.org")
    Membership.objects.create(user=person, organisation=farm, role=Role.PRODUCER)
    client.force_login(person)
    return client


def at(name, battery, *more):
    return reverse(f"storage_{name}", args=[battery.gsrn, *more])


def ten_minutes_pass():
    storage_acts.carry_out_due(now=timezone.now() + UNDO)


def send(owner, battery, text=HEADER + LINES, **more):
    file = SimpleUploadedFile("storage.csv", text.encode())
    return owner.post(at("send", battery), {"file": file, **more})


def test_storage_is_registered_in_kilowatts_and_waits_for_approval(owner):
    answer = owner.post(reverse("storage_register"), STATED)
    device = Device.objects.get()
    assert answer.url == at("device", device)
    assert (device.kind, device.technology_code, device.capacity_w) == ("storage", "", 1_000_000)
    assert device.storage_terms.capacity_wh == 2_000_500
    page = owner.get(answer.url).content.decode()
    assert "Its records are taken once the registry approved it" in page
    approve(device=device, now=NOW, actor="test")
    assert "Send charges and discharges" in owner.get(answer.url).content.decode()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"name": ""}, "Enter the name"),
        ({"power": "0"}, "a whole number of watts from 1 on"),
        ({"room": "many"}, "Enter a number such as 2.5"),
        ({"opening": "3000"}, "More was stored"),
        ({"starts_on": "2017-01-01"}, "before the storage was commissioned"),
        ({"gsrn": "123"}, "18 digits"),
        ({"organisation": "charge"}, "not one of the available choices"),
        ({"loss_months": "7"}, "not one of the available choices"),
    ],
)
def test_what_cannot_be_is_said_at_its_field(owner, change, words):
    answer = owner.post(reverse("storage_register"), STATED | change)
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert not Device.objects.exists()


def test_a_file_is_taken_once_and_its_bad_lines_are_all_named(owner, battery):
    assert send(owner, battery).status_code == 302
    again = owner.get(send(owner, battery).url).content.decode()
    assert "0 records taken, 0 replaced, 2 were here already." in again
    bad = send(owner, battery, HEADER + "x,y,z,\n" + LINES.replace("-1000", "-900"))
    assert bad.status_code == 422
    page = bad.content.decode()
    assert "Line 2, flow_start_datetime" in page
    refused = send(owner, battery, HEADER + LINES.replace("-1000", "-900"))
    assert "1000 Wh already" in refused.content.decode()
    assert send(owner, battery, HEADER + LINES.replace("-1000", "-900"), replace="on").url
    assert StorageRecord.objects.filter(status="in_force").count() == 2


def test_no_file_or_an_empty_one_is_refused_in_words(owner, battery):
    assert owner.post(at("send", battery)).status_code == 422
    assert "has no" not in send(owner, battery, "a").content.decode()
    assert send(owner, battery, "a").status_code == 422


def test_from_charge_to_certificate_by_the_pages(owner, battery, produce, certify, device):
    produce("1", "2")
    send(owner, battery)
    look = owner.get(at("charge", battery))
    assert look.context["found"].amount_wh == 1000
    assert "would be retired" in look.content.decode()
    assert owner.post(at("charge", battery), {"seen": "999"}).status_code == 422
    done = owner.post(at("charge", battery), {"seen": "1000"})
    assert done.status_code == 302
    # A second click leads to the first.
    assert owner.post(at("charge", battery), {"seen": "1000"}).url == done.url
    assert StorageAct.objects.filter(kind="charging").count() == 1
    assert "will be retired" in owner.get(done.url).content.decode()
    assert "can be taken back until" in owner.get(reverse("holdings")).content.decode()
    ten_minutes_pass()
    early = owner.post(at("settle", battery), {"stored": "0"})
    assert "not yet certified" in early.content.decode()
    certify()
    shown = owner.post(at("settle", battery), {"stored": "0.1"})
    assert shown.context["settling"].closing.given_wh == 800
    assert not Lot.objects.filter(device=battery).exists()
    act = {"stored": "0.1", "seen": "800", "starts_at": "2018-01-01T00:00:00+00:00"}
    settled = owner.post(at("settle", battery), act)
    assert settled.status_code == 302
    assert owner.post(at("settle", battery), act).status_code == 302
    assert "losses will be settled" in owner.get(settled.url).content.decode()
    assert not Lot.objects.filter(device=battery).exists()
    ten_minutes_pass()
    assert owner.post(at("settle", battery), act).status_code == 422
    assert Lot.objects.filter(device=battery).count() == 1
    page = owner.get(settled.url).content.decode()
    assert "What became of what went in" in page
    assert device.name in page
    certify()
    public = owner.get(reverse("certificate", args=[battery.gsrn, 0])).content.decode()
    assert "From the plant, through storage" in public
    assert reverse("certificate", args=[device.gsrn, 0]) in public
    assert "as charged" in owner.get(reverse("plant", args=[battery.gsrn])).content.decode()


def test_chosen_records_are_withdrawn_and_nothing_chosen_is_refused(owner, battery):
    take(battery, line(0, -500), line(1, 300))
    pk = StorageRecord.objects.first().pk
    assert owner.post(at("withdraw", battery), {"record": [pk, "x"]}).status_code == 302
    assert StorageRecord.objects.filter(status="withdrawn").count() == 1
    assert owner.post(at("withdraw", battery)).status_code == 422
    assert owner.post(at("withdraw", battery), {"record": [pk]}).status_code == 422


def test_what_was_sent_is_undone_at_its_button_and_again_changes_nothing(owner, battery):
    page = owner.get(send(owner, battery).url).content.decode()
    act = StorageAct.objects.get()
    assert at("undo", battery, act.pk) in page
    assert "2 records taken" in page
    for _ in range(2):
        assert owner.post(at("undo", battery, act.pk)).url == at("device", battery)
    assert not StorageRecord.objects.filter(status="in_force").exists()
    assert ">Undo<" not in owner.get(at("device", battery)).content.decode()


def test_what_is_done_is_not_undone(owner, battery):
    send(owner, battery)
    ten_minutes_pass()
    refused = owner.post(at("undo", battery, StorageAct.objects.get().pk))
    assert refused.status_code == 422
    assert "The time to undo it is over." in refused.content.decode()


def test_more_stored_than_fits_or_nothing_stated_is_refused(owner, battery):
    take(battery, line(0, -500))
    assert owner.post(at("settle", battery), {"stored": ""}).status_code == 422
    page = owner.post(at("settle", battery), {"stored": "9000"})
    assert (page.status_code, "room for 0 to" in page.content.decode()) == (422, True)


def test_storage_is_no_plant_on_the_producer_s_pages(owner, battery, device):
    home = owner.get(reverse("generator")).content.decode()
    assert device.name in home
    assert battery.name not in home
    assert owner.get(reverse("generator_upload", args=[battery.gsrn])).status_code == 404
    assert battery.name in owner.get(reverse("storage_home")).content.decode()


def test_another_s_storage_is_not_there(client, battery, company):
    person = User.objects.create(email="other@example.org")
    Membership.objects.create(user=person, organisation=company, role=Role.PRODUCER)
    client.force_login(person)
    for name in ("device", "charge", "settle"):
        assert client.get(at(name, battery)).status_code == 404
    for name in ("send", "withdraw", "charge", "settle"):
        assert client.post(at(name, battery)).status_code == 404
    take(battery, line(0, -500))
    act = storage_acts.withdraw_records(
        device=battery, record_ids=[battery.storage_records.get().pk], now=NOW, actor="test"
    )
    assert act.records == 1
    theirs = StorageAct.objects.get().pk
    assert client.post(at("undo", battery, theirs)).status_code == 404


def test_the_totals_say_what_came_out_of_storage(client, battery, produce, certify):
    produce("1", "2")
    take(battery, line(0, -1000), line(1, 800))
    charge(battery)
    certify()
    settle_losses(battery)
    page = client.get(reverse("totals"), {"day": "2018-01-01"}).content.decode()
    assert "came out of storage" in page
