"""A meter file on its way: seen, stopped, refused, logged out, too large; it stays chosen."""

import pytest
from django.urls import reverse

from tests.certificates.views.generator.test_home import csv_of

pytestmark = pytest.mark.django_db(transaction=True)
SEND = "See what the file says"
CHOSEN = "document.querySelector('#id_file').files.length"


@pytest.fixture
def desk(page, visit, enter, trail, tmp_path):
    """The upload page with a file chosen."""
    enter(trail.user)
    visit(reverse("generator_upload", args=[trail.device.gsrn]))
    file = tmp_path / "march.csv"
    file.write_text(csv_of(48))
    page.get_by_label("Meter file", exact=True).set_input_files(file)
    return page


def test_a_slow_network_shows_how_much_is_sent_and_can_be_stopped(desk, see, tmp_path):
    file = tmp_path / "year.csv"
    file.write_text(csv_of(60_000))
    desk.get_by_label("Meter file", exact=True).set_input_files(file)
    network = desk.context.new_cdp_session(desk)
    slow = {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": 60_000}
    network.send("Network.enable")
    network.send("Network.emulateNetworkConditions", slow)
    desk.get_by_role("button", name=SEND).click()
    desk.get_by_text("MB sent.").wait_for()
    assert desk.get_by_role("progressbar", name="Sending the file").is_visible()
    see("generator-sending")
    desk.get_by_role("button", name="Stop").click()
    desk.get_by_role("progressbar").wait_for(state="hidden")
    assert desk.get_by_role("button", name=SEND).is_enabled()
    assert desk.evaluate(CHOSEN) == 1


def test_who_was_logged_out_meanwhile_logs_in_beside_it_and_sends_again(desk, enter, trail):
    desk.context.clear_cookies()
    desk.get_by_role("button", name=SEND).click()
    desk.get_by_text("You are logged out. The file was not sent.").wait_for()
    enter(trail.user)  # in another tab
    desk.get_by_role("button", name=SEND).click()
    desk.get_by_role("button", name="Import 48 readings").wait_for()


def test_a_broken_connection_is_said_and_the_file_stays_chosen(desk, watch):
    watch.allow("ERR_INTERNET_DISCONNECTED")
    desk.context.set_offline(True)
    desk.get_by_role("button", name=SEND).click()
    desk.get_by_text("The registry could not be reached.").wait_for()
    desk.context.set_offline(False)
    desk.get_by_role("button", name=SEND).click()
    desk.get_by_role("button", name="Import 48 readings").wait_for()


def test_a_file_that_is_too_large_is_not_sent(desk):
    desk.evaluate("document.querySelector('form[data-send]').dataset.limit = 100")
    desk.get_by_role("button", name=SEND).click()
    desk.get_by_text("The file is too large. It was not sent.").wait_for()
    desk.evaluate("document.querySelector('form[data-send]').dataset.limit = 10 ** 6")
    desk.get_by_role("button", name=SEND).click()
    desk.get_by_role("button", name="Import 48 readings").wait_for()


def test_what_the_registry_refuses_is_said_above_the_field(desk, watch, tmp_path):
    watch.allow("422")
    file = tmp_path / "wrong.csv"
    file.write_bytes(bytes(range(256)) * 20)
    desk.get_by_label("Meter file", exact=True).set_input_files(file)
    desk.get_by_role("button", name=SEND).click()
    desk.get_by_text("The file was not taken. Nothing was changed.").wait_for()
    assert desk.evaluate("document.activeElement.id") == "errors"
    assert desk.evaluate(CHOSEN) == 1
    desk.get_by_role("button", name=SEND).click()
    desk.wait_for_function("document.activeElement.id !== 'errors'")
    desk.locator("#errors:focus").wait_for()
    assert desk.locator("#errors").count() == 1
