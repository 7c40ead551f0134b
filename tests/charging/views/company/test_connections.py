"""The page of connections and their health, for the company that has them."""

import re

import pytest

from certificates.models import Membership, Role, User
from charging.models import Cdr, Session
from tests.charging.api.ocpi.conftest import EXAMPLES, areas, cdr, connection, peer

__all__ = ["areas", "connection", "peer"]


@pytest.fixture
def desk(client, company):
    user = User.objects.create_user("company@example.org", "correct horse battery")
    Membership.objects.create(user=user, organisation=company, role=Role.CHARGING_COMPANY)
    client.force_login(user)
    return client


def test_without_a_connection_it_says_how_to_get_one(desk):
    page = desk.get("/company/connections/")
    assert page.status_code == 200
    assert "No connection yet" in page.text
    assert "no-store" in page["Cache-Control"]


def test_counts_refusals_and_alarms_are_shown(desk, peer):
    peer("post", "cdrs", cdr())
    peer("post", "cdrs", cdr(total_energy=99))
    peer("post", "cdrs", {"id": "<script>"})
    page = desk.get("/company/connections/").text
    assert "BE*BEC (CPO)" in page
    assert "Send a Credit CDR with a new id" in page
    assert "Last seen" in page
    assert "<script>" not in page
    counts = re.sub(r">\s+<", "><", page)
    assert '<td class="num">1</td><td class="num">2</td>' in counts


def test_a_held_cdr_is_counted_when_a_person_says_so_and_once(desk, peer):
    peer("post", "cdrs", (EXAMPLES / "cdr_example.json").read_bytes())
    held = Cdr.objects.get()
    page = desk.get("/company/connections/").text
    assert "It names no session" in page
    for _ in range(2):
        answer = desk.post(f"/company/connections/held/{held.pk}/", {"way": "own"}, follow=True)
        assert answer.status_code == 200
    row = Session.objects.get()
    assert (row.uid, row.final, row.energy_wh) == ("cdr:12345", True, 15_342)
    again = cdr("C9")  # the same charge, now with its session's id
    peer("post", "cdrs", again)
    assert Cdr.objects.get(uid="C9").hold == Cdr.Hold.ANOTHER_CDR


def test_who_acts_for_no_company_decides_nothing(client, peer):
    peer("post", "cdrs", (EXAMPLES / "cdr_example.json").read_bytes())
    stranger = User.objects.create_user("driver@example.org", "correct horse battery")
    client.force_login(stranger)
    answer = client.post(f"/company/connections/held/{Cdr.objects.get().pk}/", {"way": "own"})
    assert answer.status_code == 403
    assert not Session.objects.exists()
