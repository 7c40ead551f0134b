"""Who sends CDRs is remembered for a few seconds, and never believed when it is not so any more."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection as database
from django.test import Client
from django.test.utils import CaptureQueriesContext

from certificates.models import Organisation
from charging.api.ocpi import cdrs as view
from charging.models import Cdr, ClaimDelegation, Connection, ConnectionMessage, Party
from charging.services.ocpi import memory as ocpi_memory
from charging.services.ocpi.cdr_batches import place_all
from charging.services.ocpi.connections import revoke
from tests.charging.api.ocpi.conftest import NOW, TOKEN, Peer, connect, credit, word
from tests.charging.api.ocpi.test_burst import burst, charge
from tests.charging.api.ocpi.test_cdrs import code
from tests.charging.conftest import make_organisation

__all__ = ["burst"]
BODIES: dict[str, Callable[[], object]] = {
    "a new CDR": lambda: charge(2),
    "the same CDR": lambda: charge(1),
    "an altered CDR": lambda: charge(1, total_energy=3),
    "a credit": lambda: credit("C1", "C1-credit"),
    "a charge of nothing": lambda: charge(3, total_energy=0),
    "no CDR": lambda: {"id": "C4"},
    "no JSON": lambda: b"{",
    "a party of nobody": lambda: charge(5, party_id="XXX"),
}


@pytest.fixture
def known(peer: Peer, burst: None) -> Peer:
    """A sender that the process remembers, and its operator."""
    assert code(peer("post", "cdrs", charge(1))) == (201, 1000)
    return peer


@pytest.mark.parametrize("name", BODIES)
def test_a_revoked_token_is_refused_at_once_whatever_it_sends(known, connection, name):
    messages = ConnectionMessage.objects.count()
    revoke(connection=connection, actor="test", now=NOW)
    answer = known("post", "cdrs", BODIES[name]())
    assert code(answer) == (401, 2000)
    assert answer["WWW-Authenticate"] == "Token"
    assert (Cdr.objects.count(), ConnectionMessage.objects.count()) == (1, messages)


@pytest.mark.parametrize("name", BODIES)
def test_what_is_remembered_changes_no_answer(peer, burst, monkeypatch, name):
    answers = []
    for lasts in (timedelta(0), timedelta(hours=1)):
        for memory in (ocpi_memory.CONNECTIONS, ocpi_memory.OPERATORS):
            monkeypatch.setattr(memory, "lasts", lasts)
        peer("post", "cdrs", charge(1))
        said = peer("post", "cdrs", BODIES[name]())
        answers.append((code(said), said.json().get("status_message"), said.get("Location")))
        answers.append(sorted(ConnectionMessage.objects.values_list("subject", "kind")))
        Cdr.objects.all().delete()
        ConnectionMessage.objects.all().delete()
    assert answers[:2] == answers[2:]


def test_a_rotated_token_opens_nothing_though_it_is_remembered(known, connection):
    Connection.objects.filter(pk=connection.pk).update(token_hash=bytes(32))
    assert code(known("post", "cdrs", charge(2))) == (401, 2000)


def test_an_operator_that_moved_to_another_company_is_not_claimed_for_the_old_one(known, provider):
    Party.objects.filter(party_id="BEC").update(organisation=provider)
    assert code(known("post", "cdrs", charge(2))) == (200, 2001)
    assert Cdr.objects.count() == 1


def test_a_delegation_counts_from_the_next_cdr_on(known, connection, provider_peer, provider):
    ClaimDelegation.objects.create(
        operator=connection.organisation, provider=provider, valid_from="2000-01-01T00:00:00Z"
    )
    assert code(known("post", "cdrs", charge(2))) == (201, 1000)
    assert Cdr.objects.get(uid="C2").claimant == provider


def test_two_spellings_of_a_token_are_one_connection(known):
    raw = known.client.post(
        "/ocpi/2.2.1/cdrs",
        charge(2),
        "application/json",
        headers={"Authorization": f"Token {TOKEN}"},
    )
    again = known.client.post(
        "/ocpi/2.2.1/cdrs", charge(2), "application/json", headers={"Authorization": word(TOKEN)}
    )
    assert (raw.status_code, again.status_code) == (201, 200)
    assert Cdr.objects.count() == 2


def test_strangers_are_not_remembered(peer, burst):
    for n in range(3):
        assert code(Peer(Client(), f"guess {n}")("post", "cdrs", charge(n))) == (401, 2000)
    assert not ocpi_memory.CONNECTIONS._kept


def test_a_second_company_is_no_first_one_though_both_are_remembered(known):
    other = make_organisation("Other", "other", "charging_company")
    connect(other, "FR*OTH", token="the other's token")
    stranger = Peer(Client(), "the other's token")
    assert code(stranger("post", "cdrs", charge(7, country_code="FR", party_id="OTH"))) == (
        201,
        1000,
    )
    assert code(stranger("post", "cdrs", charge(8))) == (200, 2001)
    assert Cdr.objects.get(uid="C7").claimant == other
    assert place_all(now=NOW) == 2


def test_a_burst_of_one_sender_takes_one_statement_a_cdr(known):
    with CaptureQueriesContext(database) as asked:
        for n in range(10, 20):
            assert code(known("post", "cdrs", charge(n))) == (201, 1000)
    few = 0 if database.vendor == "postgresql" else 5  # psycopg's own cursor is not captured
    assert len(asked) == few * 10, [each["sql"][:80] for each in asked[:6]]


def test_the_remembered_operator_is_of_its_own_company(known, company: Organisation):
    assert Cdr.objects.get().claimant == company
    assert view.PACE.at_once == 0
