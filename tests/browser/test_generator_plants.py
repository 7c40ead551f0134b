"""Registering a plant and what a plant's meter leaves out, in a real browser."""

from datetime import UTC, datetime

import pytest
from django.urls import reverse

from certificates.models import Device
from certificates.services.plants.applications import send_back

pytestmark = pytest.mark.django_db(transaction=True)
NOW = datetime(2019, 3, 1, tzinfo=UTC)


def test_a_plant_is_registered_sent_back_and_handed_in_again(page, visit, enter, trail, see, watch):
    watch.allow("422")
    enter(trail.user)
    visit(reverse("generator"))
    page.get_by_role("link", name="Register a plant").click()
    describe_step_by_step(page, see)
    page.get_by_role("button", name="Hand the plant in").click()
    page.get_by_role("heading", name="waits for approval").wait_for()
    see("plant-submitted")
    plant = Device.objects.get(name="Roof of the dairy")
    send_back(device=plant, reason="The permit says 2.4 kW.", now=NOW, actor="registry")
    visit(reverse("generator"))
    see("generator-home-returned")
    page.get_by_role("link", name="Change what is registered of Roof of the dairy").click()
    see("plant-returned")
    page.get_by_role("button", name="Change the facts").click()
    page.get_by_role("link", name="Change capacity").click()
    page.get_by_label("Capacity", exact=True).fill("2.4")
    page.get_by_role("button", name="Back to the last look").click()
    page.get_by_role("button", name="Hand it in again").click()
    page.get_by_role("heading", name="waits for approval").wait_for()
    plant.refresh_from_db()
    assert plant.capacity_w == 2_400


def describe_step_by_step(page, see):
    """From the first step, where the name is forgotten at first, to the last look."""

    def go_on():
        page.get_by_role("button", name="Go on").click()

    go_on()
    see("plant-name-missing")
    page.get_by_label("Name of the plant").fill("Roof of the dairy")
    page.get_by_label("Name of the plant").press("Enter")
    page.get_by_label("Technology").select_option("T010100")
    see("plant-technology")
    go_on()
    see("plant-source")
    go_on()
    page.get_by_label("Capacity", exact=True).fill("2.5")
    page.get_by_label("In service since").fill("2016-04-01")
    see("plant-meter")
    go_on()
    page.get_by_label("Grid area").select_option("10YGB----------A")
    page.get_by_label("Latitude").fill("52.4")
    page.get_by_label("Longitude").fill("-0.947")
    page.get_by_role("button", name="Show the place on the map").click()
    page.locator(".map__plant").wait_for()
    see("plant-place")
    go_on()
    see("plant-check")


def test_missing_intervals_are_shown(page, visit, enter, trail, see):
    enter(trail.user)
    trail.reading.pk = None
    trail.reading.starts_at, trail.reading.ends_at = (
        datetime(2018, 1, 1, hour, tzinfo=UTC) for hour in (5, 6)
    )
    trail.reading.save(force_insert=True)
    visit(reverse("generator"))
    page.get_by_role("link", name="See which").click()
    see("generator-missing")
