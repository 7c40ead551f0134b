"""The driver's pages speak the reader's language; everything else stays as it is."""

import re

import pytest

from charging.queries.receipts import receipt as receipts
from tests.charging.views import samples

PATH = f"/r/{samples.PUBLIC_ID}/"
STATES = samples.in_every_state()
pytestmark = pytest.mark.django_db


@pytest.fixture
def show(client, monkeypatch):
    def shown(state="certified", query="", **headers):
        monkeypatch.setattr(receipts, "receipt", lambda public_id, now: STATES[state])
        return client.get(PATH + query, headers=headers)

    return shown


@pytest.mark.parametrize("state", STATES)
def test_a_german_browser_gets_german_words_numbers_and_dates(show, state):
    response = show(state, accept_language="de-AT,de;q=0.9,en;q=0.5")
    assert response["Content-Language"] == "de"
    assert "Accept-Language" in response["Vary"]
    page = response.text
    assert '<html lang="de">' in page
    assert re.search(r"\d\. Juli 2018, \d\d:\d\d", page)
    assert re.search(r"\d,\d{3}\u202fkWh", page)
    assert not re.search(r"\d\.\d{3}\u202fkWh", page)
    assert "dieser Ladung" in page


def test_an_english_browser_gets_english(show):
    page = show(accept_language="en-US,en").text
    assert '<html lang="en-gb">' in page
    assert "14 July 2018, 13:05" in page
    assert "23.100\u202fkWh" in page


@pytest.mark.parametrize("value", ["fr", "xx", "", "../../etc", "de\x00", "DE-" * 200])
def test_a_language_that_is_not_there_falls_back(show, value):
    assert show(accept_language=value)["Content-Language"] == "en-gb"


def test_the_switch_keeps_the_link_and_the_changed_figures(show, client):
    page = show(query="?petrol-car=5.0", accept_language="de").text
    assert 'href="?petrol-car=5.0&amp;lang=en-gb"' in page
    chosen = show(query="?petrol-car=5.0&lang=en-gb", accept_language="de")
    assert chosen["Content-Language"] == "en-gb"
    assert client.cookies["language"].value == "en-gb"
    assert client.cookies["language"]["samesite"] == "Lax"
    assert show(accept_language="de")["Content-Language"] == "en-gb"  # remembered


def test_a_language_that_is_not_ours_is_neither_used_nor_kept(show, client):
    assert show(query="?lang=tlh")["Content-Language"] == "en-gb"
    assert "language" not in client.cookies


def test_drawings_keep_their_decimal_points(show):
    for svg in re.findall(r"<svg.*?</svg>", show(accept_language="de").text, re.DOTALL):
        for value in re.findall(r'\b(?:x|y|cx|cy|r|width|height|viewBox|d)="([^"]*)"', svg):
            assert "," not in value, svg


def test_pages_that_are_not_a_driver_s_stay_in_one_language(desk):
    response = desk.get("/company/", headers={"accept-language": "de"})
    assert '<html lang="en-gb">' in response.text
    assert "Skip to the content" in response.text


def test_the_page_to_keep_has_the_fingerprint_that_its_language_publishes(client):
    import hashlib

    headers = {"accept-language": "de"}
    kept = client.get("/verify/check-a-receipt.html", headers=headers).content
    assert b'<html lang="de">' in kept
    page = client.get("/verify/", headers=headers).text
    assert hashlib.sha256(kept).hexdigest() in page
