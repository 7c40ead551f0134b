"""The envelope, tracing, tokens as others write them, and bodies nobody would send kindly."""

import base64
import json
import re
import uuid
from typing import Any

import pytest
from django.db import OperationalError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from charging.models import Cdr, ConnectionMessage
from tests.charging.api.ocpi.conftest import TOKEN, cdr, example, session
from tests.charging.api.ocpi.test_cdrs import code
from tests.charging.api.ocpi.test_objects import CARD

INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")


@pytest.mark.parametrize(
    "said",
    [
        "Token " + base64.b64encode(f"{TOKEN}\n".encode()).decode(),
        f"Token {TOKEN}",
        f"token {TOKEN}\r",
        "Token " + base64.b64encode(TOKEN.encode()).decode().rstrip("="),
        f"Token   {TOKEN}  ",
    ],
)
def test_a_token_is_taken_as_others_write_it(client, peer, said):
    answer = client.get("/ocpi/versions", headers={"Authorization": said})
    assert code(answer) == (200, 1000)


@pytest.mark.parametrize(
    "said",
    ["", "Token", "Token ", "Token %%%", "Token /w==", "Bearer abc", "Token " + "A" * 5000,
     "Token \x00", f"Basic {TOKEN}", "Token " + base64.b64encode(b"\xff\xfe").decode()],
)  # fmt: skip
def test_a_token_that_opens_nothing_is_401(client, peer, said):
    answer = client.get("/ocpi/versions", headers={"Authorization": said} if said else {})
    assert code(answer) == (401, 2000)
    assert answer["WWW-Authenticate"] == "Token"


def test_traces_are_echoed_or_made(peer):
    given_ids = {"X-Request-ID": "r-1", "X-Correlation-ID": "c-1"}
    answer = peer("get", "/ocpi/versions", **given_ids)
    assert (answer["X-Request-ID"], answer["X-Correlation-ID"]) == ("r-1", "c-1")
    answer = peer("get", "cdrs/BE/BEC/none")
    assert uuid.UUID(answer["X-Request-ID"])
    answer = peer("post", "cdrs", cdr(), **given_ids)
    assert ConnectionMessage.objects.get(status_code=1000).request_id == "r-1"
    answer = peer("get", "/ocpi/versions", **{"X-Request-ID": "a\tü" + "x" * 500})
    assert len(answer["X-Request-ID"]) == 100


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/ocpi/versions/", 200),
        ("/ocpi/9.9", 404),
        ("/ocpi/2.1.1/cdrs", 404),
        ("/ocpi/nothing", 404),
        ("/ocpi/", 404),
        ("/ocpi/2.2.1/", 200),
        ("/ocpi/2.2.1/sessions/BE/BEC/a%00b", 404),
    ],
)
def test_every_answer_has_the_envelope(peer, path, status):
    answer = peer("get", path)
    assert answer.status_code == status
    assert INSTANT.fullmatch(answer.json()["timestamp"])


def test_a_database_that_is_busy_is_503_and_nothing_is_written(peer, monkeypatch):
    def busy(**_: Any) -> None:
        raise OperationalError("database is locked")

    monkeypatch.setattr("charging.api.ocpi.cdrs.receive_cdr", busy)
    answer = peer("post", "cdrs", cdr())
    assert code(answer) == (503, 3000)
    assert answer["Retry-After"] == "5"
    monkeypatch.undo()
    assert code(peer("post", "cdrs", cdr())) == (201, 1000)


@pytest.mark.parametrize("where", ["refuse", "confirm"])
def test_a_refusal_that_a_busy_database_cannot_note_is_503_too(peer, monkeypatch, where):
    def busy(*_: Any, **__: Any) -> None:
        raise OperationalError("database is locked")

    assert code(peer("post", "cdrs", cdr())) == (201, 1000)  # it is remembered from here on
    monkeypatch.setattr(f"charging.api.ocpi.base.{where}", busy)
    assert code(peer("post", "cdrs", {"id": "C2"})) == (503, 3000)
    monkeypatch.undo()
    assert code(peer("post", "cdrs", {"id": "C2"})) == (200, 2001)


def test_a_body_that_is_too_large_is_read_to_its_end_so_that_its_sender_reads_the_answer(peer):
    answer = peer("post", "cdrs", b" " * 10_000_000)
    assert code(answer) == (413, 2000)
    assert answer.wsgi_request.read(1) == b""
    huge = peer("post", "cdrs", b" " * 20_000_000)
    assert code(huge) == (413, 2000)
    assert huge.wsgi_request.read(1) == b" "  # there is an end to patience


def test_methods_that_an_address_lacks_are_405(peer):
    for method in ("get", "put", "patch", "delete", "options", "trace"):
        assert code(peer(method, "cdrs")) == (405, 2000)


def test_who_asks_in_another_party_s_name_is_refused(peer):
    headers = {"OCPI-from-country-code": "FR", "OCPI-from-party-id": "XXX"}
    assert code(peer("post", "cdrs", cdr(), **headers)) == (404, 2001)
    headers = {"OCPI-from-country-code": "be", "OCPI-from-party-id": "bec"}
    assert code(peer("post", "cdrs", cdr(), **headers)) == (201, 1000)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"", (400, 2001)),
        (b"{", (400, 2001)),
        (b"\xff\xfe{}", (400, 2001)),
        (b"null", (400, 2001)),
        (b"[1]", (400, 2001)),
        (b'"text"', (400, 2001)),
        (b"{}", (200, 2001)),
        (b'{"total_energy": NaN}', (400, 2001)),
        (b'{"total_energy": 1e999999999}', (400, 2001)),
        (b'{"total_energy": ' + b"9" * 10_000 + b"}", (400, 2001)),
        (b"[" * 100_000, (400, 2001)),
        (b'{"a":' * 50 + b"1" + b"}" * 50, (400, 2001)),
        (b'{"id": "\\ud800"}', (200, 2001)),
        (b" " * 10_000_000, (413, 2000)),
        (json.dumps({"remark": "x" * 900_000}).encode(), (200, 2001)),
    ],
)
def test_a_body_that_is_no_cdr_is_refused_in_the_envelope(peer, body, expected):
    answer = peer("post", "cdrs", body)
    assert code(answer) == expected
    assert not Cdr.objects.exists()
    assert ConnectionMessage.objects.get().kind


KEYS = st.text(max_size=8)
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=8,
)
LATE = "2015-06-30T00:00:00Z"
CONNECTOR = example("location_example")["evses"][0]["connectors"][0]
SENT: list[tuple[str, str, dict[str, Any]]] = [
    ("post", "cdrs", cdr()),
    ("put", "sessions/BE/BEC/S1", session()),
    ("patch", "sessions/BE/BEC/S1", {"kwh": 1, "last_updated": LATE}),
    ("put", "locations/BE/BEC/LOC1", example("location_example")),
    ("patch", "locations/BE/BEC/LOC1/3256", {"status": "CHARGING", "last_updated": LATE}),
    ("put", "locations/BE/BEC/LOC1/3256/1", CONNECTOR),
    ("put", "tariffs/DE/ALL/22", example("tariff_14_step_size")),
    ("put", "tokens/BE/BEC/012345678", {**CARD, "country_code": "BE", "party_id": "BEC"}),
    ("post", "2.3.0", cdr()),
]  # fmt: skip


def paths_of(value, path=()):
    """Every place in a document."""
    yield path
    items = enumerate(value) if isinstance(value, list) else getattr(value, "items", tuple)()
    for key, inner in items:
        yield from paths_of(inner, (*path, key))


def replaced(value, path, new):
    """The document with another value at one place."""
    if not path:
        return new
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[path[0]] = replaced(value[path[0]], path[1:], new)
    return copy


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_no_body_makes_the_server_fail(peer, data):
    method, path, body = data.draw(st.sampled_from(SENT))
    peer("put", "sessions/BE/BEC/S1", session())
    peer("put", "locations/BE/BEC/LOC1", example("location_example"))
    place = data.draw(st.sampled_from(list(paths_of(body))))
    wrong = json.dumps(replaced(body, place, data.draw(anything))).encode()
    if path == "2.3.0":
        path = "/ocpi/2.3.0/cdrs"
    answer = peer(method, path, wrong)
    said = answer.json()
    assert answer.status_code in {200, 201, 400, 404}
    assert said["status_code"] == 1000 or 2000 <= said["status_code"] < 3000
    assert INSTANT.fullmatch(said["timestamp"])


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=st.binary(max_size=200), token=st.binary(max_size=60))
def test_no_bytes_make_the_server_fail(client, peer, body, token):
    assert peer("post", "cdrs", body).status_code in {200, 400}
    headers = {"Authorization": b"Token " + token}
    headers = {name: value.decode("latin-1") for name, value in headers.items()}
    assert client.get("/ocpi/versions", headers=headers).status_code == 401
