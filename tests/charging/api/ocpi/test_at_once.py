"""Several systems, or one impatient one, at the same moment."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection, connections, transaction
from django.test import Client

from certificates.services import reference
from charging.api.ocpi.cdrs import PACE
from charging.models import Cdr, Location, Receipt, Session
from charging.services.matching.runs import match_window
from charging.services.ocpi.cdr_batches import place_all
from tests.charging.api.ocpi.conftest import (
    NOW,
    TOKEN,
    Peer,
    cdr,
    connect,
    credit,
    example,
    session,
)

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def system(company):
    reference.load()
    return connect(company, "BE*BEC")


def send(method: str, path: str, body: Any) -> int:
    try:
        return int(Peer(Client(), TOKEN)(method, path, body).status_code)
    finally:
        connections.close_all()


def at_once(*requests: tuple[str, str, Any]) -> list[int]:
    with ThreadPoolExecutor(len(requests)) as pool:
        return [job.result() for job in [pool.submit(send, *request) for request in requests]]


def test_one_cdr_sent_eight_times_at_once_is_one_charge(system):
    answers = at_once(*[("post", "cdrs", cdr())] * 8)
    place_all(now=NOW)
    assert sorted(answers) == [200] * 7 + [201]
    assert (Cdr.objects.count(), Session.objects.count(), Receipt.objects.count()) == (1, 1, 1)


def test_a_session_its_cdr_the_credit_and_the_right_one_at_once_end_as_one_charge(system):
    send("put", "locations/BE/BEC/LOC1", example("location_example"))
    at_once(
        ("put", "sessions/BE/BEC/S1", session()),
        ("post", "cdrs", cdr()),
        ("post", "cdrs", credit("C1", "CC")),
        ("post", "cdrs", cdr("C2", total_energy=14)),
    )
    place_all(now=NOW)
    live = Session.objects.get(voided_at__isnull=True)
    assert (live.energy_wh, live.final) == (14_000, True)
    assert sum(live.hours.values_list("energy_wh", flat=True)) == 14_000


def test_new_charges_of_one_new_site_at_once_make_one_site(system):
    made = []
    for n in range(6):
        other = cdr(f"N{n}", session_id=f"N{n}", start_date_time=f"2015-06-2{n}T21:00:00Z")
        other["end_date_time"] = f"2015-06-2{n}T22:00:00Z"
        made.append(("post", "cdrs", other))
    assert at_once(*made) == [201] * 6
    place_all(now=NOW)  # one at a time is placed before its answer
    assert (Location.objects.count(), Session.objects.count()) == (1, 6)


@pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite has one writer whatever it locks")
def test_a_cdr_is_stored_while_its_company_is_matched(system, company, monkeypatch):
    monkeypatch.setattr(PACE, "at_once", 0)
    with transaction.atomic():
        match_window(organisation=company, starts_at=NOW, ends_at=NOW, now=NOW)
        with ThreadPoolExecutor(1) as pool:
            assert pool.submit(send, "post", "cdrs", cdr()).result(timeout=30) == 201
        assert not Session.objects.exists()
    assert Cdr.objects.get().hold == Cdr.TO_PLACE
