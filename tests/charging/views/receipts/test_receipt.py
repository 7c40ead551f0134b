"""The receipt's page: open to whoever holds the link, and to nobody else."""

import json
from dataclasses import replace

import pytest
from eth_account import Account
from eth_account.messages import encode_defunct

from charging.errors import UnknownSession
from charging.queries.receipts import receipt as receipts
from charging.views.receipts.page import sources
from tests.charging.views import samples

STATES = samples.in_every_state()
pytestmark = pytest.mark.django_db


@pytest.fixture
def show(client, monkeypatch):
    def get(facts, query=""):
        monkeypatch.setattr(receipts, "receipt", lambda public_id, now: facts)
        return client.get(f"/r/{samples.PUBLIC_ID}/{query}")

    return get


@pytest.mark.parametrize("state", STATES)
def test_every_state_is_drawn_and_kept_private(show, state):
    response = show(STATES[state])
    assert response.status_code == 200
    assert "noindex" in response["X-Robots-Tag"]
    assert response["Referrer-Policy"] == "no-referrer"
    assert "private" in response["Cache-Control"]
    assert '<form method="post"' not in response.text


def test_many_plants_are_folded_and_the_map_names_none_of_them(show):
    page = show(STATES["many"]).text
    assert page.count('<text class="map__label"') == 1  # the charger's
    assert "40 plants.</title>" in page
    assert page.count(">It generated") == 0
    assert page.count("It generated 0.500") == 40


def test_numbers_that_a_long_charge_has_too_many_of_are_said_to_be_elsewhere(show):
    facts = STATES["long"]
    (source,) = sources(facts)
    page = show(facts).text
    assert page.count(">MWh no. ") == 24
    assert f"and {len(source.parts) - 24} more stretches" in page


def test_grams_are_among_what_is_seen_first(show):
    first = show(STATES["certified"]).text.partition("</dl>")[0]
    assert "1.32\u202fkg CO<sub>2</sub>e" in first
    assert "from the grid: 5.84\u202fkg" in first


def test_grams_that_are_not_known_are_not_said(show):
    facts = STATES["certified"]
    unknown = replace(facts, emissions=replace(facts.emissions, charge_ug=None))
    assert "CO<sub>2</sub>e" not in show(unknown).text.partition("</dl>")[0]


def test_the_share_and_the_numbers_are_printed(show):
    page = show(STATES["certified"]).text
    assert "81\u202f%" in page
    assert "MWh no. 1,204</a>, Wh 985,000 to 991,416" in page
    assert 'aria-label="QR code' in page


def test_a_replaced_receipt_leads_to_the_newer_one(show):
    page = show(STATES["superseded"]).text
    assert "/r/newer-receipt-0123456789abc/" in page
    assert "The operator sent the charge again, corrected." in page


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({}, "block 1,210</a> on 2026-11-24 08:00:12 UTC. What was used up stays used up"),
        ({"recorded": 2}, "will say so soon (2 of 3 so far)"),
        ({"recorded": 0, "block_height": None, "sealed_at": None}, "will say so soon\n"),
        ({"recorded": 2, "refused": ("leaf",)}, "have refused to say so (leaf)"),
    ],
)
def test_a_claim_taken_back_says_since_which_block_it_is_void(show, changes, said):
    page = show(replace(STATES["void"], void=replace(samples.VOID, **changes))).text
    assert said in page
    assert "block 1,204</a>" in page  # what was used up stays sealed


@pytest.mark.parametrize("word", ["blockchain", "token", "mint", "gas fee", "wallet"])
def test_no_word_of_the_inner_workings(show, word):
    assert word not in show(STATES["certified"]).text.lower()


def test_an_assumption_can_be_changed_in_the_address(show):
    page = show(STATES["certified"], "?petrol-car=5.0").text
    assert "figure is 7.6</td>" in page


def test_a_revoked_link_is_gone_in_words(show):
    response = show(replace(STATES["certified"], link_revoked=True))
    assert response.status_code == 410
    assert "revoked" in response.text
    assert "Broxden" not in response.text


def test_an_unknown_link_is_not_found_in_words(client, monkeypatch):
    def unknown(public_id, now):
        raise UnknownSession("No such receipt.")

    monkeypatch.setattr(receipts, "receipt", unknown)
    response = client.get("/r/none/")
    assert response.status_code == 404
    assert "No receipt has this link" in response.text


def test_a_charge_without_certificates_has_a_signed_statement(show, client, data_dir):
    page = show(STATES["closed"]).text
    address = f"/r/{samples.PUBLIC_ID}/statement.json"
    assert address in page
    kept = client.get(address).json()
    signer = Account.recover_message(
        encode_defunct(text=kept["statement"]), signature=kept["signature"]
    )
    assert signer == kept["signer"]
    assert json.loads(kept["statement"])["matched_wh"] == 0
    assert client.get(address).json() == kept


def test_a_certified_charge_needs_no_statement(show, client):
    show(STATES["certified"])
    assert client.get(f"/r/{samples.PUBLIC_ID}/statement.json").status_code == 404
