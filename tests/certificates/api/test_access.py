"""Who may ask for what, and how a refusal reads."""

import json

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


@pytest.mark.parametrize("words", ["2018-01-01", "2018-01-01T00:00:00"])
def test_an_instant_without_its_zone_is_refused_not_guessed(call, words):
    answer = call("get", f"lots/?starts_from={words}")
    assert answer.status_code == 400
    assert "zone" in answer.json()["detail"]
    ended = call("post", "agreements/1/end/", key="k", data=f'{{"ended_from": "{words}"}}')
    assert ended.json()["errors"][0]["field"] == "ended_from"


@pytest.mark.parametrize(
    "path",
    [
        "offers/1/accept/",
        "offers/1/reject/",
        "proposals/1/accept/",
        "agreements/1/end/",
        "handovers/1/withdraw/",
        "standing-orders/1/end/",
        "devices/{gsrn}/issuance/",
        "counterparties/x/remove/",
    ],
)
@pytest.mark.parametrize("body", ['{"bogus": 1}', "[1]"])
def test_an_act_that_is_told_nothing_takes_nothing(call, trail, path, body):
    answer = call("post", path.format(gsrn=trail.device.gsrn), key="k", data=body)
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_request")


def test_an_unknown_field_deep_in_a_body_is_named(call):
    body = {"select": {"technology": "wind"}, "beneficiary": {"kind": "self", "cuntry": "GB"}}
    answer = call("post", "certificates/cancel/", key="k", data=json.dumps(body))
    assert answer.json()["errors"][0]["field"] == "beneficiary.cuntry"
    assert "country" in answer.json()["detail"]


def test_a_wrong_choice_is_answered_with_the_right_ones(call):
    detail = call("get", "certificates/?state=held").json()["detail"]
    assert "Choose from: active, reserved, locked" in detail
    assert "[0-9]{18}" in call("get", "certificates/?device=7").json()["detail"]


def test_a_plant_that_waits_for_approval_is_nobody_else_s_business(client, trail):
    path = f"/api/v1/certificates/{trail.device.gsrn}/1/"
    assert client.get(path).status_code == 200
    Device.objects.update(status="submitted")
    assert client.get(path).status_code == 404
