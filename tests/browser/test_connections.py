"""The page of OCPI connections in a real browser, with an alarm and a held CDR."""

import pytest
from django.test import Client

from tests.charging.api.ocpi.conftest import TOKEN, Peer, cdr, connect

pytestmark = pytest.mark.django_db(transaction=True)


def test_connections_are_accessible_in_every_look(desk, visit, company, see):
    connect(company, "BE*BEC")
    peer = Peer(Client(), TOKEN)
    peer("post", "cdrs", cdr())
    peer("post", "cdrs", cdr(total_energy=99))
    nameless = cdr("C3", start_date_time="2015-06-29T20:39:09Z", session_id=None)
    peer("post", "cdrs", nameless)
    page = visit("/company/connections/")
    see("connections")
    page.get_by_role("button", name="Count C3 as its own charge").click()
    page.get_by_text("Nothing is held").wait_for()
    assert page.get_by_role("status").inner_text() == "CDR C3: It is counted as a charge now."


def test_without_any_connection_the_page_says_what_to_do(desk, visit, check_accessibility):
    page = visit("/company/connections/")
    assert page.get_by_role("heading", name="No connection yet").is_visible()
    check_accessibility()


def test_a_green_claim_that_says_too_much_is_told_in_every_look(desk, visit, company, see):
    connect(company, "BE*BEC")
    record = cdr()
    shares = [{"source": "WIND", "percentage": 80}, {"source": "SOLAR", "percentage": 20}]
    record["tariffs"][0]["energy_mix"] = {"is_green_energy": True, "energy_sources": shares}
    Peer(Client(), TOKEN)("post", "cdrs", record)
    page = visit("/company/claims/?year=2015")
    page.get_by_role("heading", name="1 of 1 claims").wait_for()
    see("claims")
