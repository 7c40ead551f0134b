"""New values are typed or uploaded, looked at, confirmed, and what they did is shown."""

import pytest
from django.urls import reverse

from certificates import tasks
from certificates.models import Membership, MeterFile, Reading, Role, User


@pytest.fixture
def owner(client, farm):
    person = User.objects.create(email="owner@example.org")
    Membership.objects.create(user=person, organisation=farm, role=Role.PRODUCER)
    client.force_login(person)
    return client


@pytest.fixture
def address(device):
    return reverse("generator_correct", args=[device.gsrn]) + "?day=2018-01-01"


def test_a_typed_value_is_looked_at_confirmed_and_shown(owner, produce, device, address):
    produce("5", "7")
    answer = owner.post(address, {"value-0": "", "value-1": "4.5"})
    file = MeterFile.objects.latest("pk")
    effect_url, file_url = (
        reverse(name, args=[file.pk]) for name in ("generator_effect", "generator_file")
    )
    assert answer.url == effect_url
    preview = owner.get(file_url).content.decode()
    assert effect_url in preview
    assert "Please check" not in preview
    shown = owner.get(effect_url).content.decode()
    assert "7,000" in shown
    assert "4,500" in shown
    assert "-2,500" in shown
    assert "Correct 1 interval" in shown
    assert Reading.objects.count() == 2
    owner.post(reverse("generator_confirm", args=[file.pk]))
    tasks.import_meter_file(file.pk)
    tasks.issue_device(device.pk)
    done = owner.get(file_url).content.decode()
    assert "What was corrected" in done
    assert Reading.objects.get(replaces__isnull=False).energy_wh == 4_500
    assert owner.get(effect_url).url == file_url


def test_a_value_can_be_corrected_back_and_forth(owner, produce, device, address):
    produce("5", "7")
    for value in ("4", "7", "4"):
        owner.post(address, {"value-1": value})
        file = MeterFile.objects.latest("pk")
        owner.post(reverse("generator_confirm", args=[file.pk]))
        tasks.import_meter_file(file.pk)
    last = Reading.objects.order_by("-version").first()
    assert (last.version, last.energy_wh) == (4, 4_000)


def test_a_second_click_makes_one_file(owner, produce, address):
    produce("5", "7")
    urls = {owner.post(address, {"value-0": "4"}).url for _ in range(2)}
    assert len(urls) == 1


def test_a_missing_interval_can_be_stated_too(owner, produce, address):
    produce("5", "7")
    answer = owner.post(address, {"value-2": "3"})
    assert answer.url == reverse("generator_file", args=[MeterFile.objects.latest("pk").pk])
    report = MeterFile.objects.latest("pk").report
    assert (report["accepted"], report["corrections"]) == (1, 0)


@pytest.mark.parametrize(
    ("typed", "words"),
    [({}, "at least one new value"), ({"value-1": "much"}, "no amount in kWh")],
)
def test_what_is_no_value_is_said_at_its_field(owner, produce, address, typed, words):
    produce("5", "7")
    answer = owner.post(address, typed)
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert MeterFile.objects.count() == 1


@pytest.mark.parametrize("day", ["", "yesterday", "2018-02-30"])
def test_a_day_that_is_none_is_the_last_with_readings(owner, produce, device, day):
    produce("5", "7")
    page = owner.get(reverse("generator_correct", args=[device.gsrn]), {"day": day})
    assert page.context["day"].isoformat() == "2018-01-01"


def test_a_day_beyond_all_meters_is_the_last_with_readings(owner, device):
    for day in ("0001-01-01", "9999-12-31"):
        page = owner.get(reverse("generator_correct", args=[device.gsrn]), {"day": day})
        assert page.context["day"] == device.commissioned_on


def test_a_file_without_corrections_has_no_effect_to_show(owner, produce, address):
    produce("5", "7")
    owner.post(address, {"value-2": "3"})
    file = MeterFile.objects.latest("pk")
    assert owner.get(reverse("generator_effect", args=[file.pk])).status_code == 302


def test_anothers_readings_are_not_there(client, device, company, address):
    person = User.objects.create(email="other@example.org")
    Membership.objects.create(user=person, organisation=company, role=Role.PRODUCER)
    client.force_login(person)
    assert client.get(address).status_code == 404
    assert client.post(address, {"value-0": "1"}).status_code == 404
