"""Who may ask for what, and how a refusal reads."""

import pytest

from certificates.models import ApiKey, Device
from certificates.services.api_keys import revoke_api_key
from tests.fixtures.api import NOW

PROBLEM = "application/problem+json"
LISTS = ["devices/", "agreements/", "lots/", "certificates/", "retirements/", "sessions/"]


@pytest.mark.parametrize("path", LISTS)
def test_without_a_key_nothing_is_shown(client, trail, path):
    answer = client.get(f"/api/v1/{path}")
    assert answer.status_code == 401
    assert answer["Content-Type"] == PROBLEM
    assert answer["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize("secret", ["rer_nope_nope", "rer", "x_y_z", "rer_key0_" + "0" * 43, " "])
def test_a_wrong_key_is_refused_in_the_same_words(call, secret):
    answer = call("get", "devices/", secret=secret)
    assert answer.status_code == 401
    assert answer.json()["code"] == "authentication_failed"


def test_a_revoked_key_is_refused(call):
    key = ApiKey.objects.get(label="test")
    revoke_api_key(key=key, actor="test", now=NOW)
    revoke_api_key(key=key, actor="test", now=NOW)
    assert call("get", "devices/").status_code == 401


def test_a_key_does_only_what_its_scopes_say(call, trail):
    narrow = call.key(trail.producer, ["devices:read"])
    assert call("get", "devices/", secret=narrow).status_code == 200
    answer = call("get", "lots/", secret=narrow)
    assert answer.status_code == 403
    assert "certificates:read" in answer.json()["detail"]


def test_the_secret_is_not_kept(call):
    key = ApiKey.objects.get(label="test")
    assert call.secret.encode() not in bytes(key.secret_hash)
    assert len(bytes(key.secret_hash)) == 32


@pytest.mark.parametrize("name", ["devices/{device.gsrn}/", "lots/{lot.code}/"])
def test_what_belongs_to_another_is_not_there(call, trail, other, name):
    assert call("get", name.format(device=trail.device, lot=trail.lot)).status_code == 200
    answer = call("get", name.format(device=other.device, lot=other.lot))
    assert answer.status_code == 404
    assert answer.json()["code"] == "not_found"


@pytest.mark.parametrize("path", LISTS[:3])
def test_lists_hold_only_what_is_ones_own(call, trail, other, path):
    rows = call("get", path).json()["results"]
    assert len(rows) == 1
    assert trail.device.gsrn in str(rows)


def test_an_unknown_parameter_is_named_not_ignored(call):
    answer = call("get", "lots/?devise=735999000000000000")
    assert answer.status_code == 400
    assert answer.json()["code"] == "unknown_parameter"
    assert "devise" in answer.json()["detail"]


def test_a_parameter_of_the_wrong_kind_is_explained(call):
    answer = call("get", "lots/?starts_from=yesterday")
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["field"] == "starts_from"


def test_nothing_under_the_api_answers_404_as_a_problem(client, db):
    answer = client.get("/api/v1/no-such-thing/")
    assert answer.status_code == 404
    assert answer["Content-Type"] == PROBLEM


def test_a_wrong_method_and_broken_json_are_problems(call):
    assert call("delete", "devices/").status_code == 405
    broken = call("post", "devices/", key="k", data="{", content_type="application/json")
    assert broken.status_code == 400
    assert broken["Content-Type"] == PROBLEM


def test_pages_follow_the_cursor_without_loss_or_repetition(call, trail, other):
    Device.objects.update(organisation=trail.device.organisation)
    seen, path = [], "lots/?limit=1"
    while path:
        page = call("get", path).json()
        seen += [row["code"] for row in page["results"]]
        path = page["next"] and page["next"].split("/api/v1/")[1]
    assert sorted(seen) == sorted([trail.lot.code, other.lot.code])


def test_a_body_of_nested_brackets_is_refused(call):
    body = "[" * 100_000
    response = call("post", "agreements/", data=body, key="nested")
    assert response.status_code == 400
    assert response.json()["code"] == "nested_too_deep"
