"""The public pages as people see them: on a phone and a desktop, light and dark."""

import pytest

from certificates.models import User
from charging.queries.receipts import receipt as receipts
from tests.charging.views import samples

STATES = samples.in_every_state()
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize(
    ("name", "path"), [("front", "/"), ("log-in", "/log-in/"), ("totals", "/totals/")]
)
def test_a_public_page_is_accessible_in_every_look(visit, see, name, path):
    visit(path)
    see(name)


@pytest.mark.parametrize("state", STATES)
def test_a_receipt_is_accessible_in_every_look(visit, see, monkeypatch, state):
    monkeypatch.setattr(receipts, "receipt", lambda public_id, now: STATES[state])
    page = visit(f"/r/{samples.PUBLIC_ID}/")
    for fold in page.locator("summary").all():
        fold.click()
    see(f"receipt-{state}")


def test_the_share_is_the_biggest_thing_on_a_receipt(visit, monkeypatch):
    monkeypatch.setattr(receipts, "receipt", lambda public_id, now: STATES["certified"])
    page = visit(f"/r/{samples.PUBLIC_ID}/")
    sizes = page.eval_on_selector_all(
        "main *",
        "all => all.map(one => [parseFloat(getComputedStyle(one).fontSize), one.className])",
    )
    assert max(sizes)[1] == "hero__share"


@pytest.mark.parametrize("state", ["certified", "full", "many", "long"])
def test_share_grams_and_hours_are_seen_without_scrolling_on_a_phone(visit, monkeypatch, state):
    monkeypatch.setattr(receipts, "receipt", lambda public_id, now: STATES[state])
    page = visit(f"/r/{samples.PUBLIC_ID}/")
    page.set_viewport_size({"width": 360, "height": 740})
    share = page.locator(".hero__share")
    size = share.evaluate("one => parseFloat(getComputedStyle(one).fontSize)")
    assert share.bounding_box()["height"] < 1.5 * size  # on one line
    assert page.locator(".hero").get_by_text("from the grid").bounding_box()["y"] < 700
    assert page.locator(".hero svg").first.bounding_box()["y"] < 700


def test_tapping_an_hour_opens_its_details(visit, monkeypatch):
    monkeypatch.setattr(receipts, "receipt", lambda public_id, now: STATES["certified"])
    page = visit(f"/r/{samples.PUBLIC_ID}/")
    assert not page.locator("#hour-4").is_visible()
    page.locator(".hours__one").nth(3).click()
    page.locator("#hour-4").wait_for(state="visible")
    assert samples.WHY in page.locator("#hour-4").inner_text()


def test_the_look_up_says_what_it_did_not_find(visit, watch):
    watch.allow("404")
    page = visit("/")
    page.get_by_label("Look up a certificate").fill("299900000000000023/5204")
    page.get_by_role("button", name="Look up").click()
    page.get_by_text("No plant with this number is registered here").wait_for()
    assert page.get_by_label("Look up a certificate").input_value() == "299900000000000023/5204"


def test_the_keyboard_reaches_the_content_first(visit):
    page = visit("/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the content"
    page.keyboard.press("Enter")
    page.locator("#main:focus").wait_for()


@pytest.fixture
def person(db):
    return User.objects.create_user("driver@example.org", "correct horse battery")


def test_a_person_logs_in_and_out_through_the_forms(visit, person, see):
    page = visit("/driver/")
    page.get_by_label("E-mail address").fill(person.email)
    page.get_by_label("Password").fill("correct horse battery")
    page.get_by_role("button", name="Log in").click()
    page.get_by_role("heading", name="No charge is kept here yet").wait_for()
    see("driver-empty")
    page.get_by_role("button", name="Log out").click()
    page.get_by_role("heading", name="by the year is").wait_for()


def test_a_link_that_leads_nowhere_is_refused_beside_the_field(visit, person, watch):
    watch.allow("422")
    page = visit("/log-in/?next=/driver/")
    page.get_by_label("E-mail address").fill(person.email)
    page.get_by_label("Password").fill("correct horse battery")
    page.get_by_role("button", name="Log in").click()
    page.get_by_label("Link or id of the receipt").fill(
        "http://localhost/r/no-such-receipt-here-1/"
    )
    page.get_by_role("button", name="Keep this charge").click()
    page.get_by_role("alert").get_by_text("No receipt has this link").wait_for()
