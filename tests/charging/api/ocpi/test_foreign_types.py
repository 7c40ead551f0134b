"""Types that somebody else generated from the standard read what this registry answers.

`ocpi-types` (github.com/evorada/ocpi-types) is needed here alone and never at run time. Its
readers assert every mandatory field, type and enumeration, so that an answer which they take
and give back whole is what another system expects.
"""

import json
from typing import Any

import pytest
from ocpi_types import v2_2_1, v2_3_0

from charging.models import OcpiObject, Session
from charging.services.matching.claimants import delegate
from tests.charging.api.ocpi.conftest import NOW, TOKEN, Peer, cdr, example, session
from tests.charging.api.ocpi.test_objects import CARD

THEIRS = {"2.2.1": v2_2_1, "2.3.0": v2_3_0}


@pytest.fixture(params=THEIRS)
def version(request) -> str:
    return request.param


@pytest.fixture
def theirs(version) -> Any:
    """The foreign types of this version."""
    return THEIRS[version]


@pytest.fixture
def peer(client, connection, version) -> Peer:
    return Peer(client, TOKEN, version)


def priced(body: dict[str, Any], version: str) -> dict[str, Any]:
    """The same with prices as this version writes them."""
    text = json.dumps(body)
    if version == "2.3.0":
        text = text.replace('"excl_vat"', '"before_taxes"')
    made = json.loads(text)
    for tariff in [*made.get("tariffs", ()), *([made] if "elements" in made else [])]:
        tariff.setdefault("tax_included", "NO")
    _without(made, "incl_vat")
    return made


def _without(content: Any, name: str) -> None:
    if isinstance(content, dict):
        content.pop(name, None)
    for inner in content.values() if isinstance(content, dict) else content:
        if isinstance(inner, dict | list):
            _without(inner, name)


def same(mine: Any, theirs: Any) -> bool:
    """Equal, whatever blanks a time is written with, and with nothing lost."""
    if isinstance(mine, dict):
        return mine.keys() == theirs.keys() and all(same(mine[k], theirs[k]) for k in mine)
    if isinstance(mine, list):
        return len(mine) == len(theirs) and all(map(same, mine, theirs))
    if isinstance(mine, str) and isinstance(theirs, str):
        return mine.replace("Z", "+00:00") == theirs.replace("Z", "+00:00")
    return mine == theirs


def data_of(answer: Any) -> Any:
    body = answer.json()
    assert body["status_code"] == 1000, body
    return body["data"]


def test_versions_and_credentials_are_read(peer, theirs):
    listed = data_of(peer("get", "/ocpi/versions"))
    (own,) = [one for one in listed if one["version"] == peer.version]
    assert theirs.Version.from_dict(own).url.startswith("http")
    details = theirs.VersionDetails.from_dict(data_of(peer("get", f"/ocpi/{peer.version}")))
    assert {one.identifier.value for one in details.endpoints} >= {"cdrs", "sessions", "tokens"}
    assert theirs.Credentials.from_dict(data_of(peer("get", "credentials"))).roles


def test_a_cdr_made_of_foreign_types_is_recorded_and_read_back_whole(peer, theirs, version):
    made = theirs.Cdr.from_dict(priced(cdr(), version)).to_dict()
    answer = peer("post", "cdrs", made)
    assert answer.status_code == 201
    assert Session.objects.get().energy_wh == 15_342
    path = answer["Location"].removeprefix("http://localhost:8000")
    back = theirs.Cdr.from_dict(data_of(peer("get", path)))
    assert same(back.to_dict(), made)


@pytest.mark.parametrize(
    ("kind", "path", "body"),
    [
        ("Session", "sessions/BE/BEC/S1", session()),
        ("Location", "locations/BE/BEC/LOC1", example("location_example")),
        ("Tariff", "tariffs/DE/ALL/22", example("tariff_14_step_size")),
    ],
)
def test_an_object_made_of_foreign_types_is_kept_and_read_back_whole(
    peer, theirs, version, kind, path, body
):
    type_ = getattr(theirs, kind)
    made = type_.from_dict(priced(body, version)).to_dict()
    assert peer("put", path, made).status_code == 201
    assert OcpiObject.objects.count() == 1
    assert same(type_.from_dict(data_of(peer("get", path))).to_dict(), made)


def test_what_is_sent_on_is_read(peer, theirs, version):
    peer("put", "locations/BE/BEC/LOC1", example("location_example"))
    peer("put", "tariffs/DE/ALL/22", priced(example("tariff_14_step_size"), version))
    for kind, path in (("Location", "sender/locations"), ("Tariff", "sender/tariffs")):
        (one,) = data_of(peer("get", path))
        assert getattr(theirs, kind).from_dict(one).id


def test_an_authorization_is_read(peer, theirs, provider_peer, company, provider, version):
    provider_peer.version = version
    provider_peer("put", "tokens/NL/TST/012345678", CARD)
    delegate(operator=company, provider=provider, valid_from=NOW, now=NOW)
    answer = data_of(peer("post", "sender/tokens/012345678/authorize"))
    read = theirs.AuthorizationInfo.from_dict(answer)
    assert read.allowed.value == "ALLOWED"
    assert read.token.contract_id == CARD["contract_id"]
