"""A generator describes a plant step by step and follows it to approval."""

import pytest
from django.urls import reverse

from certificates.models import Device, Membership, Role, User
from certificates.services.plants.applications import send_back

STATED = {
    "name": {"organisation": "farm", "name": "Roof 1"},
    "technology": {"technology_code": "T010100"},
    "source": {"energy_source_code": "F01040100"},
    "meter": {
        "capacity": "2.5",
        "capacity_unit": "MW",
        "commissioned_on": "2016-04-01",
        "quality": "measured",
        "negative_policy": "clip",
    },
    "place": {"area": "10YGB----------A", "latitude": "52.4", "longitude": "-0.9"},
}


@pytest.fixture
def owner(client, farm):
    person = User.objects.create(email="owner@example.org")
    Membership.objects.create(user=person, organisation=farm, role=Role.PRODUCER)
    client.force_login(person)
    return client


def say(client, step, **changes):
    return client.post(reverse("generator_new_plant", args=[step]), STATED[step] | changes)


def say_all(client):
    for step in STATED:
        assert say(client, step).status_code == 302


def test_a_plant_is_described_looked_at_and_handed_in(owner):
    say_all(owner)
    page = owner.get(reverse("generator_plant_check")).content.decode()
    assert "Solar, Photovoltaic (T010100)" in page
    assert "2.5 MW" in page
    answer = owner.post(reverse("generator_plant_check"))
    plant = Device.objects.get()
    assert answer.url == reverse("generator_plant", args=[plant.gsrn])
    assert plant.status == Device.Status.SUBMITTED
    assert plant.capacity_w == 2_500_000
    assert "waits for approval" in owner.get(answer.url).content.decode()


def test_a_second_click_leads_to_the_plant_that_was_handed_in(owner):
    say_all(owner)
    first = owner.post(reverse("generator_plant_check"))
    assert owner.post(reverse("generator_plant_check")).url == first.url
    assert Device.objects.count() == 1


def test_only_sources_of_the_technology_are_offered(owner):
    say(owner, "technology")
    page = owner.get(reverse("generator_new_plant", args=["source"])).content.decode()
    assert "F01040100" in page
    assert "F01050100" not in page
    assert say(owner, "source", energy_source_code="F01050100").status_code == 422


def test_another_technology_takes_its_source_back(owner):
    say_all(owner)
    say(owner, "technology", technology_code="T020001")
    assert owner.get(reverse("generator_plant_check")).url.endswith("/source/")


@pytest.mark.parametrize(
    ("step", "changes", "words"),
    [
        ("name", {"name": " "}, "Enter the name"),
        ("name", {"gsrn": "735999"}, "is not 18 digits"),
        ("name", {"organisation": "charge"}, "not one of the available choices"),
        ("technology", {"technology_code": "T999999"}, "not one of the available"),
        ("meter", {"capacity": "much"}, "a number such as 2.05"),
        ("meter", {"capacity": "NaN"}, "a number such as 2.05"),
        ("meter", {"capacity": "-1"}, "above 0"),
        ("meter", {"capacity": "0.0000001"}, "above 0"),
        ("meter", {"capacity": "1.0000001"}, "part of a watt"),
        ("meter", {"capacity": "99999999", "capacity_unit": "MW"}, "No plant is that large"),
        ("meter", {"commissioned_on": "1.4.2016"}, "written as 2016-04-01"),
        ("place", {"latitude": "91"}, "less than or equal to 90"),
        ("place", {"longitude": ""}, "both latitude and longitude"),
        ("place", {"area": "nowhere"}, "not one of the available"),
    ],
)
def test_what_cannot_be_is_said_at_its_field_and_not_kept(owner, company, step, changes, words):
    say(owner, "technology")
    answer = say(owner, step, **changes)
    assert answer.status_code == 422
    assert words in answer.content.decode()
    field, value = next(iter(changes.items()))
    assert owner.session["plant_draft"].get(field) != value


def test_a_registered_number_cannot_be_stated_again(owner, device):
    answer = say(owner, "name", gsrn=device.gsrn)
    assert "registered already" in answer.content.decode()


def test_a_check_before_all_is_said_leads_to_what_is_missing(owner):
    say(owner, "name")
    assert owner.get(reverse("generator_plant_check")).url.endswith("/technology/")
    assert owner.get(reverse("generator_new_plant", args=["source"])).url.endswith("/technology/")
    assert owner.get(reverse("generator_new_plant", args=["nothing"])).status_code == 404


def test_the_place_is_shown_before_going_on(owner):
    answer = say(owner, "place", look="")
    assert answer.status_code == 200
    assert "map__plant" in answer.content.decode()


def test_starting_over_forgets(owner):
    say_all(owner)
    owner.post(reverse("generator_start_plant"))
    assert owner.get(reverse("generator_plant_check")).url.endswith("/name/")


def test_a_plant_that_was_sent_back_is_changed_and_handed_in_again(owner, now):
    say_all(owner)
    owner.post(reverse("generator_plant_check"))
    plant = Device.objects.get()
    send_back(device=plant, reason="Which roof?", now=now, actor="registry")
    for address in (reverse("generator_plant", args=[plant.gsrn]), reverse("generator")):
        assert "Which roof?" in owner.get(address).content.decode()
    answer = owner.post(reverse("generator_change_plant", args=[plant.gsrn]), follow=True)
    assert "2.5 MW" in answer.content.decode()
    say(owner, "name", name="South roof", whole="")
    owner.post(reverse("generator_plant_check"))
    plant.refresh_from_db()
    assert (plant.name, plant.status) == ("South roof", Device.Status.SUBMITTED)


def test_anothers_plant_is_not_there(client, device, company):
    person = User.objects.create(email="other@example.org")
    Membership.objects.create(user=person, organisation=company, role=Role.PRODUCER)
    client.force_login(person)
    assert client.get(reverse("generator_plant", args=[device.gsrn])).status_code == 404
    assert client.post(reverse("generator_change_plant", args=[device.gsrn])).status_code == 404


def test_who_acts_for_no_producer_registers_nothing(client, db):
    client.force_login(User.objects.create(email="driver@example.org"))
    assert client.get(reverse("generator_new_plant", args=["name"])).status_code == 403


def test_a_plant_is_certified_in_whole_mwh_when_its_owner_says_so(owner):
    say_all(owner)
    assert say(owner, "meter", whole_certificates="whole").status_code == 302
    assert "in whole MWh" in owner.get(reverse("generator_plant_check")).content.decode()
    answer = owner.post(reverse("generator_plant_check"))
    plant = Device.objects.get()
    assert plant.whole_certificates
    assert "in whole MWh" in owner.get(answer.url).content.decode()
    send_back(device=plant, reason="Name?", now=plant.registered_at, actor="t")
    owner.post(reverse("generator_change_plant", args=[plant.gsrn]))
    assert "in whole MWh" in owner.get(reverse("generator_plant_check")).content.decode()
    assert say(owner, "meter", whole_certificates="half").status_code == 422
    say(owner, "meter", whole_certificates="")
    owner.post(reverse("generator_plant_check"))
    plant.refresh_from_db()
    assert not plant.whole_certificates
