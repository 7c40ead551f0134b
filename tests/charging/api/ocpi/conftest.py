"""A charging company connected by OCPI, and the objects it sends."""

import base64
import json
from copy import deepcopy
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from certificates.models import Organisation, Role
from certificates.services import reference
from charging.domain.party import PartyName
from charging.models import Connection
from charging.services.ocpi import connections as ocpi_connections
from tests.charging.conftest import make_organisation

EXAMPLES = Path(__file__).parent / "examples"
NOW = datetime(2026, 11, 1, tzinfo=UTC)
TOKEN = "connected-token-of-the-tests"


def example(name: str) -> dict[str, Any]:
    return json.loads((EXAMPLES / f"{name}.json").read_text())


def word(token: str) -> str:
    return "Token " + base64.b64encode(token.encode()).decode()


class Peer:
    """Another system: sends what it is given with the token of one connection."""

    def __init__(self, client: Any, token: str, version: str = "2.2.1") -> None:
        self.client, self.token, self.version = client, token, version

    def __call__(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        data = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body)
        path = path if path.startswith("/ocpi/") else f"/ocpi/{self.version}/{path}"
        return self.client.generic(
            method.upper(),
            path,
            data,
            content_type="application/json",
            headers={"Authorization": word(self.token), **headers},
        )


def connect(
    organisation: Organisation,
    *parties: str,
    token: str = TOKEN,
    role: str = "CPO",
    version: str = "2.2.1",
) -> Connection:
    """A connection that stands, without the handshake."""
    names = [PartyName.of(*party.split("*")) for party in parties]
    connection, _ = ocpi_connections.invite(
        organisation=organisation, label="test", parties=names, actor="test", now=NOW
    )
    connection.token_hash = ocpi_connections._hash(token)
    connection.status, connection.version = Connection.Status.CONNECTED, version
    connection.roles = [
        {"role": role, "country_code": n.country_code, "party_id": n.party_id, "name": "Test"}
        for n in names
    ]
    connection.save()
    return connection


@pytest.fixture
def areas(db) -> None:
    reference.load()


@pytest.fixture
def connection(company, areas) -> Connection:
    return connect(company, "BE*BEC", "DE*ALL")


@pytest.fixture
def peer(client, connection) -> Peer:
    return Peer(client, TOKEN)


@pytest.fixture
def provider(db) -> Organisation:
    """An eMSP, whose drivers charge at the company's chargers."""
    return make_organisation("Drive on", "drive-on", Role.CHARGING_COMPANY)


@pytest.fixture
def provider_peer(client, provider, connection) -> Peer:
    connect(provider, "DE*TNM", "NL*TST", token="the provider's token", role="EMSP")
    return Peer(client, "the provider's token")


def cdr(uid: str = "C1", **changes: Any) -> dict[str, Any]:
    """The standard's CDR, with a session id and what is changed."""
    return {**deepcopy(example("cdr_example")), "id": uid, "session_id": "S1", **changes}


def credit(of: str, uid: str, **changes: Any) -> dict[str, Any]:
    """The Credit CDR of another."""
    cost = {"excl_vat": -4.00, "incl_vat": -4.40}
    return cdr(uid, credit=True, credit_reference_id=of, total_cost=cost, **changes)


def session(uid: str = "S1", **changes: Any) -> dict[str, Any]:
    """The session of that CDR: same charge point, token and start."""
    made = example("session_example_2_short_finished")
    same = cdr()
    for name in ("start_date_time", "end_date_time", "cdr_token"):
        made[name] = same[name]
    return {**made, "id": uid, "kwh": 15.0, **changes}
