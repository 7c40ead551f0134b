"""The driver's pages as they see them, in both languages, with and without scripts."""

import gzip
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from django.utils import timezone

from certificates.models import User
from charging.queries.receipts import receipt as receipts
from charging.queries.receipts.facts import HourState, ReceiptState, VersionFacts
from charging.queries.receipts.receipt import find_receipt
from charging.services.matching.runs import match
from charging.services.receipts import claim_receipt
from tests.charging.plant import charge, generate, register_plant, share_all
from tests.charging.services.test_challenges import Street, prove_twice
from tests.charging.views import samples

pytestmark = pytest.mark.django_db(transaction=True)
STATES = samples.in_every_state()
PATH = f"/r/{samples.PUBLIC_ID}/"
LIMIT_BYTES = 100_000
TAGS = "all => all.map(one => one.tagName)"
PASSWORD = "correct horse battery"
TEN = datetime(2018, 6, 1, 10, tzinfo=UTC)
DAY = (TEN.replace(hour=0), TEN.replace(hour=0, day=2))
OLD = VersionFacts(1, "", "", samples.STARTS_AT, 25_000, 18_717, is_void=True)
NEW = VersionFacts(
    2,
    samples.PUBLIC_ID,
    "The operator sent the charge again, corrected.",
    samples.STARTS_AT + timedelta(days=2),
    23_100,
    18_717,
    is_void=False,
)


@pytest.fixture
def of(monkeypatch):
    def shown(facts):
        monkeypatch.setattr(receipts, "receipt", lambda public_id, now: facts)

    return shown


@pytest.fixture
def driver(visit, producer, company, now, great_britain):
    """A driver with two charges in their account, logged in."""
    person = User.objects.create_user("driver@example.org", PASSWORD)
    device = register_plant(producer, now)
    share_all(device, company, now)
    rows = [
        "a,X,1,2018-06-01T10:00Z,2018-06-01T12:00Z,10,Mill Street",
        "b,Y,1,2018-06-01T10:00Z,2018-06-01T11:00Z,5,Harbour",
    ]
    charge(company, rows, now)
    generate(device, TEN, ["9", "4"], now)
    match(organisation=company, starts_at=DAY[0], ends_at=DAY[1], now=now)
    for name in ("a", "b"):
        claim_receipt(public_id=find_receipt(name).public_id, driver=person, now=now)
    page = visit("/driver/")
    page.get_by_label("E-mail address").fill(person.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    page.get_by_role("heading", name="2 charges").wait_for()
    return page


LOADED = "performance.getEntriesByType('resource').map(one => one.name)"


def loaded(page):
    """Bodies of the page and of everything that it asked for until it had loaded."""
    addresses = {page.url.partition("#")[0], *page.evaluate(LOADED)}
    return [page.request.get(address).body() for address in addresses]


def weigh(bodies):
    """Bytes as they are, and as they travel."""
    return sum(map(len, bodies)), sum(len(gzip.compress(one)) for one in bodies)


@pytest.mark.parametrize("state", ["certified", "priced", "corrected", "many", "long"])
def test_a_receipt_and_all_it_loads_weigh_less_than_100_kb(visit, of, state):
    of(STATES[state])
    bodies = loaded(visit(f"{PATH}?lang=de"))
    whole, travelling = weigh(bodies)
    assert len(bodies) > 8
    assert whole < LIMIT_BYTES
    assert travelling < LIMIT_BYTES / 3


def test_a_timeline_and_all_it_loads_weigh_less_than_100_kb(driver, visit):
    for path in ("/driver/", "/driver/?by=hour", "/driver/cards/", "/driver/erase/"):
        assert weigh(loaded(visit(path)))[0] < LIMIT_BYTES, path


def test_headings_of_a_receipt_are_read_in_order_and_every_picture_has_a_name(visit, of):
    of(STATES["certified"])
    page = visit(PATH)
    levels = [int(tag[1]) for tag in page.locator("h1, h2, h3").evaluate_all(TAGS)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    spoken = page.locator("body").aria_snapshot()
    assert "- img\n" not in spoken
    figure = 'figure "Energy used in each hour, filled as far as it was matched"'
    assert figure in spoken
    assert spoken.index(figure) < spoken.index('heading "Hour by hour"')


def test_a_timeline_fits_a_phone_in_either_language(driver, visit, see):
    visit("/driver/?lang=de")
    see("driver-timeline-de")


@pytest.mark.parametrize("state", ["certified", "closed"])
def test_a_german_receipt_is_accessible_in_every_look(visit, of, see, state):
    of(STATES[state])
    page = visit(f"{PATH}?lang=de")
    for fold in page.locator("summary").all():
        fold.click()
    see(f"receipt-german-{state}")


def test_a_corrected_receipt_shows_old_and_new(visit, of, see):
    of(samples.receipt(version=2, versions=(OLD, NEW)))
    page = visit(PATH)
    assert page.get_by_role("heading", name="Before and now").is_visible()
    see("receipt-versions")


def test_choosing_what_to_disclose_is_accessible(visit, of, see):
    of(STATES["certified"])
    page = visit(f"{PATH}disclose/")
    page.get_by_label("its energy").check()
    see("receipt-disclose")


def test_the_switch_changes_the_language_by_keyboard(visit, of):
    of(STATES["certified"])
    page = visit(PATH)
    page.get_by_role("link", name="Deutsch").focus()
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Stunde für Stunde").wait_for()
    assert page.url.endswith(f"{PATH}?lang=de")


def test_without_scripts_all_but_the_live_check_is_there(browser, live_server, of):
    of(STATES["certified"])
    context = browser.new_context(java_script_enabled=False, locale="en-GB")
    page = context.new_page()
    page.goto(f"{live_server.url}{PATH}")
    for title in ("Hour by hour", "Where it came from", "What it emitted", "How sure this is"):
        assert page.get_by_role("heading", name=title).is_visible()
    assert page.get_by_role("link", name="Keep the proof").is_visible()
    assert page.get_by_role("link", name="PDF").is_visible()
    assert not page.get_by_role("button", name="Check it now").is_visible()
    context.close()


def test_the_timeline_is_accessible_in_every_look(driver, see):
    for fold in driver.locator("summary").all():
        fold.click()
    see("driver-timeline")


def test_a_link_is_revoked_from_the_timeline(driver):
    driver.locator("summary").first.click()
    driver.get_by_role("button", name="Revoke the link").first.click()
    driver.get_by_text("link revoked").wait_for()


def test_erasing_asks_first_and_says_what_stays(driver, see, watch):
    driver.get_by_role("link", name="Erase my data").click()
    driver.get_by_role("heading", name="What happens").wait_for()
    see("driver-erase")
    driver.get_by_label("Your password, once more").fill(PASSWORD)
    driver.get_by_role("button", name="Erase my data for good").click()
    driver.get_by_role("heading", name="Your data are erased").wait_for()
    see("driver-erased")


def test_a_card_is_shown_to_be_yours_in_every_look(driver, see, company, watch):
    watch.allow("422")
    street = Street(company)
    person = User.objects.get(email="driver@example.org")
    now = timezone.now()
    prove_twice(street, person, now - timedelta(days=6))
    street.charge(now - timedelta(days=30))
    driver.get_by_role("link", name="Show that a card or app is yours").click()
    driver.get_by_label("Number of the charge point").fill("nowhere")
    driver.get_by_role("button", name="I start a charge now").click()
    driver.get_by_role("alert").get_by_text("no charge point or site").wait_for()
    see("cards-refused")
    driver.get_by_label("Number of the charge point").fill("p")
    driver.get_by_role("button", name="I start a charge now").click()
    driver.get_by_text("Start your charge now, at the latest").wait_for()
    see("cards-open")
    driver.get_by_role("link", name="Deutsch").click()
    driver.get_by_role("heading", name="Ihre Karte oder App").wait_for()
    see("cards-german")
    driver.get_by_role("button", name="1 weitere Ladung behalten").click()
    driver.get_by_text("3 Ladungen liegen in Ihrem Konto").wait_for()


def test_an_open_charge_says_what_it_would_come_to(visit, of, see):
    hours = tuple(
        replace(hour, state=HourState.OPEN, provisional_wh=3_000)
        for hour in samples.hours([0, 0, 0, 0])
    )
    of(samples.receipt(state=ReceiptState.WAITING, hours=hours))
    page = visit(PATH)
    page.get_by_text("so far 12.000 kWh of 23.100 kWh found").wait_for()
    see("receipt-waiting")


def test_a_driver_wishes_for_a_source_accessibly(driver, company, now, see):
    charge(company, ["c,X,1,2018-06-02T10:00Z,2018-06-02T12:00Z,10,Mill Street"], now)
    claim_receipt(public_id=find_receipt("c").public_id, driver=User.objects.get(), now=now)
    driver.reload()
    driver.get_by_label("First of all").select_option("F01050100")
    driver.get_by_role("button", name="Wish for it").click()
    driver.get_by_text("1 charge waits for its electricity").wait_for()
    assert driver.get_by_label("First of all").input_value() == "F01050100"
    see("driver-wish")
