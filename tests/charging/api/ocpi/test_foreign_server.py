"""The handshake in both directions with a system that somebody else wrote, on two live servers.

`extrawest-ocpi` wants older libraries than ours, so that it lives in an environment of its own,
which `make test` makes from `foreign_server.txt` beside this file.
"""

import json
import os
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path
from time import monotonic, sleep
from typing import Any
from urllib.request import urlopen

import pytest
from django.test import Client

from certificates.services import reference
from charging.domain.party import PartyName
from charging.models import Connection
from charging.services.ocpi.connections import invite
from config.supervisor.plan import answers_http
from tests.charging.api.ocpi.conftest import NOW, TOKEN, Peer, connect, example
from tests.charging.api.ocpi.test_foreign_types import priced
from tests.charging.api.ocpi.test_handshake import ask

PYTHON = Path(
    os.environ.get("OCPI_SERVER_PYTHON")
    or Path(__file__).resolve().parents[4] / ".venv-ocpi" / "bin" / "python"
)
MISSING = f"The foreign server is not installed: {PYTHON} is missing. `make test` installs it."
PATIENCE_S = 60
TOKEN_A = "their-token-a"


class Theirs:
    """Their server, spoken to as its addresses say."""

    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self.token = TOKEN_A

    def known(self) -> dict[str, Any]:
        with urlopen(f"{self.url}/known", timeout=10) as answer:
            return json.loads(answer.read())

    def endpoint(self, identifier: str) -> str:
        _, versions = ask(self.token, "GET", f"{self.url}/ocpi/versions")
        _, details = ask(self.token, "GET", versions["data"][0]["url"])
        rows = {row["identifier"]: row["url"] for row in details["data"]["endpoints"]}
        return rows[identifier]


@pytest.fixture
def theirs(tmp_path) -> Iterator[Theirs]:
    if not PYTHON.exists():
        pytest.fail(MISSING)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [str(PYTHON), str(Path(__file__).with_name("foreign_server.py")), str(port), TOKEN_A]
    with (tmp_path / "log").open("w") as log:
        process = subprocess.Popen(command, cwd=tmp_path, stdout=log, stderr=log)
    try:
        deadline = monotonic() + PATIENCE_S
        while not answers_http("127.0.0.1", port):
            if process.poll() is not None or monotonic() > deadline:
                pytest.fail((tmp_path / "log").read_text())
            sleep(0.1)
        yield Theirs(port)
    finally:
        process.terminate()
        process.wait(timeout=PATIENCE_S)


@pytest.fixture
def registry(transactional_db, live_server, settings) -> str:
    settings.PUBLIC_URL = live_server.url
    settings.OCPI_PRIVATE_PEERS = True
    reference.load()
    return f"{live_server.url}/ocpi"


def accepted(answer: tuple[int, dict[str, Any]]) -> dict[str, Any]:
    status, body = answer
    assert (status, body["status_code"]) == (200, 1000), answer
    return body.get("data", {})


def test_each_registers_with_the_other_rotates_and_parts(registry, theirs, company):
    own = PartyName("DE", "TNM")
    connection, token = invite(
        organisation=company, label="Drive on", parties=[own], actor="test", now=NOW
    )
    credentials = f"{registry}/2.2.1/credentials"
    at_theirs = theirs.endpoint("credentials")

    # We register with them: they read our versions and endpoints with the token that we send.
    ours = accepted(ask(token, "GET", credentials))
    theirs.token = accepted(ask(TOKEN_A, "POST", at_theirs, ours))["token"]
    (party,) = theirs.known()["parties"].values()
    assert party["credentials"]["token"] == token
    details = accepted(ask(token, "GET", f"{registry}/2.2.1"))
    assert party["endpoints"] == details

    # They register with us: the object that their own types made, the endpoints that they serve.
    said = accepted(ask(theirs.token, "GET", at_theirs))
    second = accepted(ask(token, "POST", credentials, said))["token"]
    connection.refresh_from_db()
    assert connection.status == Connection.Status.CONNECTED
    assert {row["identifier"] for row in connection.endpoints} == {
        "credentials", "locations", "tariffs", "sessions", "cdrs", "tokens"
    }  # fmt: skip
    assert [role["role"] for role in connection.roles] == ["EMSP"]

    # Both rotate: each reads the other's endpoints again with the newest token.
    ours = accepted(ask(second, "GET", credentials))
    theirs.token = accepted(ask(theirs.token, "PUT", at_theirs, ours))["token"]
    said = accepted(ask(theirs.token, "GET", at_theirs))
    third = accepted(ask(second, "PUT", credentials, said))["token"]
    assert len({token, second, third}) == 3
    assert ask(second, "GET", credentials)[0] == 401
    assert len(theirs.known()["parties"]) == 1

    assert ask(theirs.token, "DELETE", at_theirs)[0] == 200
    assert theirs.known()["parties"] == {}
    accepted(ask(third, "DELETE", credentials))
    assert ask(third, "GET", credentials)[0] == 401


def test_what_is_sent_on_is_taken_by_their_receiver(registry, theirs, company):
    connect(company, "BE*BEC", "DE*ALL")
    peer = Peer(Client(), TOKEN)
    assert peer("put", "locations/BE/BEC/LOC1", example("location_example")).status_code == 201
    tariff = priced(example("tariff_14_step_size"), "2.2.1")
    assert peer("put", "tariffs/DE/ALL/22", tariff).status_code == 201
    ours = accepted(ask(TOKEN, "GET", f"{registry}/2.2.1/credentials"))
    theirs.token = accepted(ask(TOKEN_A, "POST", theirs.endpoint("credentials"), ours))["token"]
    for module in ("locations", "tariffs"):
        (sent,) = accepted(ask(TOKEN, "GET", f"{registry}/2.2.1/sender/{module}"))
        name = f"{sent['country_code']}/{sent['party_id']}/{sent['id']}"
        accepted(ask(theirs.token, "PUT", f"{theirs.endpoint(module).rstrip('/')}/{name}", sent))
    written = {row["module"]: row["data"] for row in theirs.known()["written"]}
    assert written["locations"]["evses"][0]["connectors"][0]["id"] == "1"
    assert written["tariffs"]["elements"][0]["price_components"][0]["type"]
