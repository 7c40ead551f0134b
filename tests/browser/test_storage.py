"""Storage's pages in a real browser: from its registration to what it gives back."""

import pytest
from django.urls import reverse
from django.utils import timezone

from certificates.models import Device, Membership, Role, User
from certificates.services import reference
from certificates.services.holding.cancellations import UNDO
from certificates.services.issuing.issuance import issue
from certificates.services.meters.readings import import_readings
from certificates.services.organisations import register_organisation
from certificates.services.plants.devices import approve, register_device
from certificates.services.storage import acts as storage_acts
from tests.certificates.conftest import NOW, facts, meter_csv
from tests.certificates.stored import certifier

pytestmark = pytest.mark.django_db(transaction=True)
RECORDS = "flow_start_datetime,flow_end_datetime,flow_energy,validator_id\n" + "".join(
    f"2018-01-0{day}T{hour:02}:00Z,2018-01-0{day}T{hour + 1:02}:00Z,{wh},grid operator\n"
    for day in (1, 2)
    for hour, wh in enumerate([-600_000, -700_000, 500_000, 450_000])
)


def ten_minutes_pass():
    storage_acts.carry_out_due(now=timezone.now() + UNDO)


@pytest.fixture
def owner(data_dir):
    reference.load()
    farm = register_organisation(name="Wind farm", slug="farm", roles=["producer"], now=NOW)
    register_device(facts=facts(), now=NOW, approve=True)
    plant = Device.objects.get()
    lines = [f"2018-01-0{d}T{h:02}:00:00Z,{900 + h}" for d in (1, 2) for h in range(24)]
    import_readings(device=plant, stream=meter_csv(*lines), name="m.csv", selection={}, now=NOW)
    issue(device=plant, now=NOW)
    person = User.objects.create(email="owner@example.org")
    Membership.objects.create(user=person, organisation=farm, role=Role.PRODUCER)
    return person


def test_energy_is_stored_and_comes_back_with_its_plant(
    page, visit, enter, owner, see, tmp_path, watch
):
    certify = certifier()
    enter(owner)
    visit(reverse("storage_home"))
    battery = register(page, see)
    watch.allow("422")
    send_records(page, see, tmp_path / "records.csv")
    retire_for_charges(page, see)
    certify()
    page.reload()
    settle_losses(page, see)
    certify()
    visit(reverse("certificate", args=[battery.gsrn, 0]))
    see("storage-certificate")
    correct_the_plant()
    page.reload()
    page.get_by_text("A meter was corrected since").wait_for()
    see("storage-certificate-corrected")
    visit(reverse("storage_device", args=[battery.gsrn]))
    page.get_by_role("heading", name="A meter behind what you stored was corrected").wait_for()
    see("storage-corrected")


def register(page, see):
    """Hand a battery in and have it approved; it is on the page."""
    page.get_by_role("link", name="Register storage").click()
    see("storage-register")
    page.get_by_label("Name of the storage").fill("Battery at the farm")
    page.get_by_label("Power, kW").fill("1000")
    page.get_by_label("Room, kWh").fill("2000")
    page.get_by_label("Grid area").select_option("10YGB----------A")
    page.get_by_label("In service since").fill("2018-01-01")
    page.get_by_role("button", name="Hand it in").click()
    page.get_by_text("Its records are taken once the registry approved it").wait_for()
    battery = Device.objects.get(kind="storage")
    approve(device=battery, now=NOW, actor="test")
    page.reload()
    return battery


def send_records(page, see, file):
    """A file with bad lines, then a good one, which is undone and sent again."""

    def send(text):
        file.write_text(text)
        page.get_by_label("File of charges and discharges (CSV)").set_input_files(file)
        page.get_by_role("button", name="Send the file").click()

    send(RECORDS + "soon,2018-01-03T01:00Z,5,x\n2018-01-03T00:00Z,2018-01-03T01:00Z,x,\n")
    page.get_by_text("Nothing of the file was taken").wait_for()
    see("storage-bad-lines")
    send(RECORDS)
    page.get_by_text("8 records taken").wait_for()
    see("storage-undo-records")
    page.get_by_role("button", name="Undo").click()
    page.get_by_text("Undone: records sent").wait_for()
    send(RECORDS)
    page.get_by_text("8 records taken").wait_for()


def retire_for_charges(page, see):
    page.get_by_role("link", name="Retire certificates for what was stored").click()
    see("storage-charge")
    page.get_by_role("button", name="Retire them for the storage").click()
    page.get_by_text("are set aside for what was stored").wait_for()
    see("storage-set-aside")
    ten_minutes_pass()


def settle_losses(page, see):
    page.get_by_role("link", name="Settle the losses").click()
    page.get_by_label("Stored when it ended, kWh").fill("200")
    see("storage-settle")
    page.get_by_role("button", name="See what comes back").click()
    see("storage-settle-check")
    page.get_by_role("button", name="Settle it").click()
    page.get_by_text("will become certificates again").first.wait_for()
    see("storage-about-to-settle")
    ten_minutes_pass()
    page.reload()
    page.get_by_role("heading", name="What became of what went in").wait_for()
    see("storage")


def correct_the_plant():
    """The meter of the plant behind the first stored hour showed less."""
    plant = Device.objects.get(kind="production")
    corrected = meter_csv("2018-01-01T00:00:00Z,200")
    import_readings(device=plant, stream=corrected, name="c.csv", selection={}, now=NOW)
