"""A thousand CDRs in a second: each is answered when it is kept, and counts a moment later."""

import itertools
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection, connections, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from certificates.services import reference
from charging.api.ocpi import cdrs as view
from charging.models import (
    Cdr,
    ConnectionMessage,
    Evse,
    Location,
    Party,
    Receipt,
    Session,
    SessionHour,
)
from charging.queries.ocpi.health import count_held, held_of
from charging.services.ocpi import cdr_batches
from charging.services.ocpi.cdr_batches import place_all, place_waiting
from charging.services.reconciling import reconcile_waiting
from ledger.models import AuditEvent
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
from tests.charging.api.ocpi.test_cdrs import code, take_file

FIELDS = (
    "uid", "country_code", "party_id", "operator", "claimant", "evse__uid", "evse__location__uid",
    "connector", "area", "started_at", "ended_at", "energy_wh", "raw_energy", "energy_evidence",
    "timing_evidence", "final", "green_tariff", "content_hash", "preferences", "file", "line",
    "token_hmac", "contract_hmac", "tariff_hmac", "voided_at", "void_reason", "replaces",
)  # fmt: skip


@pytest.fixture
def burst(monkeypatch) -> None:
    """Every CDR comes as one too many."""
    monkeypatch.setattr(view.PACE, "at_once", 0)


def charge(n: int, **changes: Any) -> dict[str, Any]:
    """The n-th of many charges, an hour each, a day apart, at one of three charge points."""
    day, month = n % 28 + 1, n // 28 % 12 + 1
    made = cdr(
        f"C{n}",
        session_id=f"S{n}",
        start_date_time=f"2015-{month:02}-{day:02}T21:39:09Z",
        end_date_time=f"2015-{month:02}-{day:02}T23:37:32Z",
    )
    made["cdr_location"]["id"] = f"LOC{n % 2}"
    made["cdr_location"]["evse_uid"] = f"E{n % 3}"
    made["charging_periods"] = [
        {
            "start_date_time": made["start_date_time"],
            "dimensions": [{"type": "ENERGY", "volume": 15.342}],
        }
    ]
    return {**made, **changes}


def state() -> list[Any]:
    """All that counts of the charges and their CDRs, without ids and secrets."""
    sessions = Session.objects.order_by("uid", "pk")
    rows = list(sessions.values(*FIELDS))
    hours = SessionHour.objects.order_by("session__uid", "session", "starts_at")
    receipts = Receipt.objects.order_by("session__uid", "version")
    cdrs = Cdr.objects.order_by("uid")
    return [
        [{name: _plain(value) for name, value in row.items()} for row in rows],
        list(
            hours.values_list("session__uid", "starts_at", "length_minutes", "energy_wh", "method")
        ),
        list(receipts.values_list("session__uid", "version", "reason")),
        list(cdrs.values_list("uid", "status", "hold", "session_uid", "session__uid")),
        sorted(Location.objects.values_list("uid", "name", "country")),
        sorted(Evse.objects.values_list("location__uid", "uid")),
    ]


def _plain(value: Any) -> Any:
    """Bytes as themselves: PostgreSQL hands them out in a view of memory."""
    return bytes(value) if isinstance(value, memoryview) else value


def test_a_burst_is_kept_and_answered_and_counts_when_it_is_placed(peer, burst):
    answers = [peer("post", "cdrs", charge(n)) for n in range(8)]
    assert {code(answer) for answer in answers} == {(201, 1000)}
    assert "status_message" not in answers[0].json()
    assert not Session.objects.exists()
    assert place_all(now=NOW) == 8
    assert Session.objects.filter(final=True).count() == Receipt.objects.count() == 8
    assert set(Cdr.objects.values_list("status", "hold")) == {("recorded", "")}
    assert place_all(now=NOW) == 0


def test_what_waits_can_be_read_back_sent_again_and_not_be_altered(peer, burst):
    first = peer("post", "cdrs", charge(1))
    back = peer("get", first["Location"].removeprefix("http://localhost:8000"))
    assert back.json()["data"]["id"] == "C1"
    again = peer("post", "cdrs", charge(1))
    assert (code(again), again["Location"]) == ((200, 1000), first["Location"])
    assert code(peer("post", "cdrs", charge(1, total_energy=3))) == (200, 2001)
    assert AuditEvent.objects.filter(action="ocpi.cdr_altered").count() == 1
    assert Cdr.objects.count() == 1


def test_what_is_wrong_is_told_at_once_in_a_burst_too(peer, burst):
    assert code(peer("post", "cdrs", charge(1, charging_periods=[]))) == (200, 2001)
    assert code(peer("post", "cdrs", charge(1, party_id="XXX"))) == (200, 2001)
    assert not Cdr.objects.exists()


MIXED: dict[str, Callable[[], list[dict[str, Any]]]] = {
    "plain": lambda: [charge(n) for n in range(7)],
    "with a nameless one": lambda: [*(charge(n) for n in range(6)), charge(9, session_id=None)],
    "two of one charge": lambda: [
        *(charge(n) for n in range(6)), charge(2, id="C2b", session_id="s2", total_energy=14),
    ],
    "one charge under two ids": lambda: [
        *(charge(n) for n in range(6)), charge(2, id="C2b", session_id="other"),
    ],
    "no area": lambda: [*(charge(n) for n in range(6)), in_norway(8)],
    "too long": lambda: [
        *(charge(n) for n in range(6)), charge(8, end_date_time="2015-06-29T20:00:00Z"),
    ],
    "nothing taken": lambda: [*(charge(n) for n in range(6)), charge(8, total_energy=0)],
    "without periods of energy": lambda: [
        *(charge(n) for n in range(6)),
        charge(8, charging_periods=[{
            "start_date_time": "2015-01-09T21:39:09Z",
            "dimensions": [{"type": "TIME", "volume": 1.973}],
        }]),
    ],
    "other spelling": lambda: [
        *(charge(n) for n in range(6)), respelled(charge(8)), respelled(charge(6)),
    ],
}  # fmt: skip


def in_norway(n: int) -> dict[str, Any]:
    made = charge(n)
    made["cdr_location"] |= {"id": "OSLO", "country": "NOR"}
    return made


def respelled(made: dict[str, Any]) -> dict[str, Any]:
    made["cdr_location"] |= {"id": "loc0", "evse_uid": "e0"}
    return {**made, "id": made["id"].lower(), "session_id": made["session_id"].lower()}


@contextmanager
def undone():
    """What happens inside is taken back, so that it can happen again in another way."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@pytest.mark.parametrize("name", MIXED)
def test_a_burst_ends_as_if_each_had_been_placed_at_once(peer, monkeypatch, name):
    ends = []
    for at_once in (100, 0):
        monkeypatch.setattr(view.PACE, "at_once", at_once)
        with undone():
            for made in MIXED[name]():
                assert code(peer("post", "cdrs", made)) == (201, 1000)
            place_all(now=NOW)
            ends.append(state())
    assert ends[0] == ends[1]
    assert len(ends[0][3]) == len(MIXED[name]())


def test_provisional_records_are_completed_together(peer, burst):
    peer("put", "locations/BE/BEC/LOC1", example("location_example"))
    for n in range(6):
        made = charge(n)
        told = session(f"s{n}", kwh=15.0, location_id="LOC1", evse_uid="3256")
        told |= {name: made[name] for name in ("start_date_time", "end_date_time")}
        assert code(peer("put", f"sessions/BE/BEC/s{n}", told)) == (201, 1000)
    assert Session.objects.filter(final=False).count() == 6
    links = set(Receipt.objects.values_list("public_id", flat=True))
    for n in range(6):
        peer("post", "cdrs", charge(n))
    assert place_all(now=NOW) == 6
    rows = Session.objects.all()
    assert {(row.final, row.energy_wh, row.uid[0]) for row in rows} == {(True, 15_342, "S")}
    assert all(sum(row.hours.values_list("energy_wh", flat=True)) == 15_342 for row in rows)
    assert set(Receipt.objects.values_list("public_id", flat=True)) == links


def test_a_session_s_power_spreads_its_cdr_in_a_burst_as_at_once(peer, monkeypatch):
    ends = []
    for at_once in (100, 0):
        monkeypatch.setattr(view.PACE, "at_once", at_once)
        with undone():
            told = session("S1", status="ACTIVE", kwh=5.0)
            told |= {"start_date_time": charge(1)["start_date_time"], "end_date_time": None}
            told["charging_periods"] = [
                {
                    "start_date_time": told["start_date_time"],
                    "dimensions": [{"type": "POWER", "volume": 7.0}],
                }
            ]
            peer("put", "sessions/BE/BEC/S1", told)
            for n in range(6):
                peer("post", "cdrs", charge(n))
            place_all(now=NOW)
            ends.append(state())
    assert ends[0] == ends[1]


def test_charges_of_a_file_are_held_in_a_burst(peer, company, burst):
    assert take_file(company).accepted == 1
    for made in (cdr(), *(charge(n) for n in range(10, 16))):
        peer("post", "cdrs", made)
    place_all(now=NOW)
    assert Cdr.objects.get(uid="C1").hold == Cdr.Hold.IN_A_FILE
    assert Session.objects.exclude(country_code="").count() == 6


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
@pytest.mark.parametrize("placed_after", [0, 1, 2])
def test_credits_end_alike_however_a_burst_is_cut(peer, burst, order, placed_after):
    sent = [cdr(), credit("C1", "C1-credit"), cdr("C2", total_energy=14)]
    for place, n in enumerate(order):
        assert code(peer("post", "cdrs", sent[n])) == (201, 1000)
        if place == placed_after:
            place_all(now=NOW)
    place_all(now=NOW)
    live = Session.objects.get(voided_at__isnull=True)
    assert (live.energy_wh, live.final) == (14_000, True)
    states = {row.uid: row.status for row in Cdr.objects.all()}
    assert states == {"C1": "credited", "C1-credit": "credit", "C2": "recorded"}
    assert not Session.objects.filter(voided_at__isnull=False, final=True).exists()


def test_more_than_one_batch_is_placed_in_one_round(peer, burst, company, monkeypatch):
    monkeypatch.setattr(cdr_batches, "AT_ONCE", 5)
    for n in range(12):
        peer("post", "cdrs", charge(n))
    party = Party.objects.get(party_id="BEC")
    assert place_waiting(party_id=party.pk, now=NOW, most=5) == 5
    assert place_waiting(party_id=party.pk, now=NOW) == 7
    assert Session.objects.count() == 12


def test_what_is_about_to_be_placed_is_not_shown_as_held(peer, burst, company):
    for made in (charge(1), in_norway(2)):
        peer("post", "cdrs", made)
    assert (held_of(company), count_held(company)) == ([], 0)
    place_all(now=NOW)
    assert [row.uid for row in held_of(company)] == ["C2"]
    assert code(peer("post", "cdrs", in_norway(2))) == (200, 1000)


def test_a_held_cdr_says_so_when_it_is_sent_again(peer):
    peer("post", "cdrs", in_norway(2))
    assert "Held" in peer("post", "cdrs", in_norway(2)).json()["status_message"]


@pytest.mark.parametrize("work", [place_all, reconcile_waiting])
def test_four_times_as_many_take_no_more_statements(peer, burst, work):
    counts, numbers = [], itertools.count()
    for many in (6, 6, 24):
        for _ in range(many):
            peer("post", "cdrs", charge(next(numbers)))
        if work is not place_all:
            place_all(now=NOW)
        with CaptureQueriesContext(connection) as asked:
            assert work(now=NOW) == many
        counts.append(len(asked))
    assert counts[2] == counts[1] <= 40


@pytest.mark.django_db(transaction=True)
def test_two_workers_and_a_sender_at_once_record_every_charge_once(company, burst):
    reference.load()
    connect(company, "BE*BEC")

    def send(n: int) -> int:
        try:
            return int(Peer(Client(), TOKEN)("post", "cdrs", charge(n // 2)).status_code)
        finally:
            connections.close_all()

    def work(_: int) -> int:
        try:
            return place_all(now=NOW)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        answers = [pool.submit(send, n) for n in range(40)]
        rounds = [pool.submit(work, n) for n in range(8)]
        statuses = sorted(job.result() for job in answers)
        placed = sum(job.result() for job in rounds)
    assert statuses == [200] * 20 + [201] * 20
    assert placed + place_all(now=NOW) == 20
    assert Session.objects.count() == Receipt.objects.count() == 20
    assert ConnectionMessage.objects.count() == 20
