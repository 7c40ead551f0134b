"""The handshake on two live sides: the registry's server, and a small system of another."""

import base64
import json
import threading
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from time import monotonic, sleep
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

from certificates.services import reference
from charging.domain.party import PartyName
from charging.models import Connection, Session
from charging.services.ocpi import peer as ocpi_peer
from charging.services.ocpi.connections import invite, revoke
from ledger.models import AuditEvent
from tests.charging.api.ocpi.conftest import NOW, cdr, word

PARTY = PartyName("BE", "BEC")


class OtherSide:
    """A charging company's system: a server with versions, and a client of the registry."""

    def __init__(self) -> None:
        self.token = "token-B"
        self.pause_s = 0.0
        self.versions = ["2.2.1", "2.3.0"]
        self.answers: dict[str, bytes] = {}
        self.asked: list[str] = []
        side = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                side.asked.append(self.path)
                said = self.headers.get("Authorization", "").removeprefix("Token ")
                known = base64.b64decode(said).decode() == side.token
                body = side.answers.get(self.path) or side.body(self.path)
                sleep(side.pause_s)
                self.send_response(200 if known else 401)
                with suppress(OSError):  # the registry hung up
                    self.end_headers()
                    self.wfile.write(body if known else b"{}")

            def log_message(self, *args: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def body(self, path: str) -> bytes:
        if path == "/versions":
            data: Any = [{"version": v, "url": f"{self.url}/{v}"} for v in self.versions]
        else:
            url = f"{self.url}{path}/cdrs"
            data = {
                "version": path[1:],
                "endpoints": [{"identifier": "cdrs", "role": "SENDER", "url": url}],
            }
        return json.dumps({"data": data, "status_code": 1000, "timestamp": "x"}).encode()

    def credentials(self, **changes: Any) -> dict[str, Any]:
        role = {
            "role": "CPO",
            "party_id": "BEC",
            "country_code": "BE",
            "business_details": {"name": "BeCharged"},
        }
        return {"token": self.token, "url": f"{self.url}/versions", "roles": [role], **changes}

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()


def ask(token: str, method: str, url: str, body: Any = None) -> tuple[int, dict[str, Any]]:
    data = None if body is None else json.dumps(body).encode()
    headers = {"Authorization": word(token), "Content-Type": "application/json"}
    request = Request(url, data, headers, method=method)
    try:
        with urlopen(request, timeout=10) as answer:
            return answer.status, json.loads(answer.read())
    except HTTPError as error:
        with error:
            return error.code, json.loads(error.read())


@pytest.fixture
def other_side():
    side = OtherSide()
    yield side
    side.close()


@pytest.fixture
def registry(transactional_db, live_server, settings, company):
    settings.PUBLIC_URL = live_server.url
    settings.OCPI_PRIVATE_PEERS = True
    reference.load()
    return f"{live_server.url}/ocpi"


@pytest.fixture
def token_a(registry, company) -> str:
    return invite(organisation=company, label="Be", parties=[PARTY], actor="test", now=NOW)[1]


def endpoint(token: str, registry: str, version: str, identifier: str) -> str:
    """Found as a client finds it: versions, details, endpoint."""
    _, versions = ask(token, "GET", f"{registry}/versions")
    url = next(row["url"] for row in versions["data"] if row["version"] == version)
    _, details = ask(token, "GET", url)
    rows = details["data"]["endpoints"]
    return next(r["url"] for r in rows if (r["identifier"], r["role"]) == (identifier, "RECEIVER"))


@pytest.mark.parametrize("version", ["2.2.1", "2.3.0"])
def test_two_systems_shake_hands_send_rotate_and_part(registry, token_a, other_side, version):
    register = endpoint(token_a, registry, version, "credentials")
    status, answer = ask(token_a, "POST", register, other_side.credentials())
    assert (status, answer["status_code"]) == (200, 1000)
    assert other_side.asked == ["/versions", f"/{version}"]
    token_c = answer["data"]["token"]
    assert ask(token_a, "GET", f"{registry}/versions")[0] == 401  # token A is dead
    assert ask(token_c, "GET", register)[1]["data"]["token"] == token_c

    price = {"before_taxes": 4.0} if version == "2.3.0" else {"excl_vat": 4.0}
    sent = cdr(total_cost=price, total_time_cost=price)
    cdrs = endpoint(token_c, registry, version, "cdrs")
    assert ask(token_c, "POST", cdrs, sent)[0] == 201
    assert Session.objects.get().final

    other_side.token = "token-B2"
    status, answer = ask(token_c, "PUT", register, other_side.credentials())
    token_d = answer["data"]["token"]
    assert (status, token_d != token_c) == (200, True)
    assert ask(token_c, "POST", cdrs, sent)[0] == 401
    assert ask(token_d, "POST", cdrs, sent)[0] == 200

    assert ask(token_d, "DELETE", register)[0] == 200
    assert ask(token_d, "GET", f"{registry}/versions")[0] == 401
    row = Connection.objects.get()
    assert (row.status, row.token_hash, row.version) == ("revoked", None, version)
    acts = AuditEvent.objects.filter(action__startswith="connection.").order_by("pk")
    assert list(acts.values_list("action", flat=True)) == [
        "connection.invited", "connection.connected", "connection.rotated", "connection.revoked"
    ]  # fmt: skip


def test_token_a_opens_the_handshake_alone(registry, token_a):
    assert ask(token_a, "POST", f"{registry}/2.2.1/cdrs", cdr())[0] == 401
    assert ask(token_a, "GET", f"{registry}/2.2.1/sender/locations")[0] == 401
    assert ask(token_a, "PUT", f"{registry}/2.2.1/credentials", {})[0] == 405
    assert ask(token_a, "DELETE", f"{registry}/2.2.1/credentials")[0] == 405


def test_replayed_credentials_change_nothing(registry, token_a, other_side):
    register, sent = f"{registry}/2.2.1/credentials", other_side.credentials()
    token_c = ask(token_a, "POST", register, sent)[1]["data"]["token"]
    assert ask(token_a, "POST", register, sent)[0] == 401
    assert ask(token_c, "POST", register, sent)[0] == 405
    assert ask(token_c, "GET", register)[0] == 200


@pytest.mark.parametrize(
    ("spoil", "expected"),
    [
        (lambda side: setattr(side, "token", "another"), 3001),
        (lambda side: setattr(side, "versions", ["2.1.1"]), 3002),
        (lambda side: side.answers.update({"/versions": b"no json"}), 3001),
        (lambda side: side.answers.update({"/versions": b'{"status_code": 1000}'}), 3001),
        (lambda side: side.answers.update({"/2.2.1": b'{"status_code": 3000}'}), 3001),
        (lambda side: side.answers.update({"/versions": b"[" * 300_000}), 3001),
    ],
)
def test_another_side_that_cannot_be_used_leaves_token_a_alive(
    registry, token_a, other_side, spoil, expected
):
    sent = other_side.credentials()
    spoil(other_side)
    status, answer = ask(token_a, "POST", f"{registry}/2.2.1/credentials", sent)
    assert (status, answer["status_code"]) == (200, expected)
    assert ask(token_a, "GET", f"{registry}/versions")[0] == 200


@pytest.mark.parametrize(
    "changes",
    [
        {"roles": []},
        {"roles": [{"role": "CPO", "party_id": "BEC", "country_code": "BE"}]},
        {"token": "x" * 65},
        {"url": 7},
        {"roles": [{"role": "CPO", "party_id": "TNM", "country_code": "DE",
                    "business_details": {"name": "Somebody else"}}]},
    ],
)  # fmt: skip
def test_credentials_that_are_wrong_or_another_s_are_2001_and_nobody_is_called(
    registry, token_a, other_side, changes
):
    sent = other_side.credentials(**changes)
    status, answer = ask(token_a, "POST", f"{registry}/2.2.1/credentials", sent)
    assert (status, answer["status_code"]) == (200, 2001)
    assert other_side.asked == []


@pytest.mark.parametrize(
    "url",
    [
        "http://registry.example/versions",
        "https://127.0.0.1/versions",
        "https://[::1]/versions",
        "https://[::ffff:10.0.0.1]/versions",
        "https://169.254.169.254/latest/meta-data",
        "https://10.1.2.3/versions",
        "https://user:word@example.org/versions",
        "https://2130706433/versions",
        "file:///etc/passwd",
        "gopher://127.0.0.1/",
        "https://",
        "https://[bad",
        "https://example.org:99999999/",
    ],
)
def test_the_registry_is_sent_to_no_private_address(registry, token_a, other_side, settings, url):
    settings.OCPI_PRIVATE_PEERS = False
    sent = other_side.credentials(url=url)
    status, answer = ask(token_a, "POST", f"{registry}/2.2.1/credentials", sent)
    assert (status, answer["status_code"]) == (200, 3001)


def test_who_answers_too_slowly_is_hung_up_on(registry, token_a, other_side, monkeypatch):
    monkeypatch.setattr(ocpi_peer, "TOTAL_S", 0.5)
    other_side.pause_s = 30
    started = monotonic()
    sent = other_side.credentials()
    answer = ask(token_a, "POST", f"{registry}/2.2.1/credentials", sent)[1]
    assert answer["status_code"] == 3001
    assert monotonic() - started < 25


def test_a_revoked_connection_is_shut_at_once(registry, token_a, other_side):
    register = f"{registry}/2.2.1/credentials"
    token = ask(token_a, "POST", register, other_side.credentials())[1]["data"]["token"]
    revoke(connection=Connection.objects.get(), actor="test", now=NOW)
    revoke(connection=Connection.objects.get(), actor="test", now=NOW)
    assert ask(token, "POST", f"{registry}/2.2.1/cdrs", cdr())[0] == 401
    assert AuditEvent.objects.filter(action="connection.revoked").count() == 1


def test_no_token_is_kept(registry, token_a, other_side):
    answer = ask(token_a, "POST", f"{registry}/2.2.1/credentials", other_side.credentials())[1]
    row = Connection.objects.get()
    kept = json.dumps([row.roles, row.endpoints, row.url, row.label, bytes(row.token_hash).hex()])
    for token in (token_a, other_side.token, answer["data"]["token"]):
        assert token not in kept
        assert not any(token.encode() in bytes(m.body) for m in row.messages.all())
