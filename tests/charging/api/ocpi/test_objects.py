"""Sessions, locations, tariffs and tokens over the wire, and what is sent on of them."""

import json

import pytest

from charging.models import ConnectionMessage, Location, OcpiObject, Session
from charging.services.matching.claimants import delegate
from tests.charging.api.ocpi.conftest import EXAMPLES, NOW, cdr, example, session
from tests.charging.api.ocpi.test_cdrs import code

LATE = "2020-01-01T00:00:00Z"
LOCATION, SESSION = "locations/BE/BEC/LOC1", "sessions/BE/BEC/101"
TARIFF, TOKEN = "tariffs/DE/ALL/22", "tokens/NL/TST/012345678"
CARD = {
    "country_code": "NL",
    "party_id": "TST",
    "uid": "012345678",
    "type": "RFID",
    "contract_id": "NL-TST-C12345678-S",
    "issuer": "Drive on",
    "valid": True,
    "whitelist": "ALLOWED",
    "last_updated": "2026-01-01T00:00:00Z",
}


@pytest.mark.parametrize(
    ("path", "name"),
    [
        (LOCATION, "location_example"),
        (SESSION, "session_example_2_short_finished"),
        (TARIFF, "tariff_14_step_size"),
    ],
)
@pytest.mark.parametrize("version", ["2.2.1", "2.3.0"])
def test_every_example_comes_back_byte_for_byte(peer, path, name, version):
    body = (EXAMPLES / f"{name}.json").read_bytes()
    peer.version = version
    if version == "2.3.0":  # prices are written another way there
        body = body.replace(b'"excl_vat"', b'"before_taxes"').replace(
            b'"incl_vat": 9.35', b'"x": 1'
        )
    assert code(peer("put", path, body)) == (201, 1000)
    back = peer("get", path)
    assert body in back.content
    assert code(peer("put", path, body)) == (200, 1000)
    assert OcpiObject.objects.count() == 1


def test_a_put_that_omits_charging_periods_empties_them_and_a_patch_appends(peer):
    full = example("session_example_2_short_finished")
    peer("put", SESSION, full)
    bare = {name: value for name, value in full.items() if name != "charging_periods"}
    peer("put", SESSION, {**bare, "last_updated": "2015-06-30T00:00:00Z"})
    assert "charging_periods" not in peer("get", SESSION).json()["data"]
    added = full["charging_periods"][:1]
    part = {"charging_periods": added, "kwh": 0.12, "last_updated": "2015-06-30T00:01:00Z"}
    assert code(peer("patch", SESSION, part)) == (200, 1000)
    assert code(peer("patch", SESSION, part)) == (200, 1000)  # its answer was lost
    more = {
        "charging_periods": full["charging_periods"][1:2],
        "last_updated": "2015-06-30T00:02:00Z",
    }
    peer("patch", SESSION, more)
    data = peer("get", SESSION).json()["data"]
    assert data["charging_periods"] == full["charging_periods"][:2]
    assert data["kwh"] == 0.12


def test_a_patch_needs_an_object_and_last_updated_and_right_fields(peer):
    part = {"kwh": 1, "last_updated": "2015-06-30T00:00:00Z"}
    assert code(peer("patch", SESSION, part)) == (404, 2000)
    peer("put", SESSION, example("session_example_2_short_finished"))
    assert code(peer("patch", SESSION, {"kwh": 1})) == (200, 2001)
    assert code(peer("patch", SESSION, {**part, "kwh": "1"})) == (200, 2001)
    assert code(peer("patch", SESSION, {**part, "id": "102"})) == (200, 2001)
    assert code(peer("patch", SESSION, {**part, "currency": None})) == (200, 2001)
    assert peer("get", SESSION).json()["data"]["kwh"] == 41.12


def test_ids_in_the_body_must_be_those_of_the_address(peer):
    made = example("session_example_2_short_finished")
    assert code(peer("put", "sessions/BE/BEC/102", made)) == (200, 2001)
    assert code(peer("put", "sessions/be/bec/101", made)) == (201, 1000)
    assert code(peer("put", "sessions/DE/ALL/101", made)) == (200, 2001)
    assert code(peer("put", "sessions/FR/XXX/101", made)) == (404, 2001)
    assert code(peer("get", "sessions/NL/TST/101")) == (404, 2001)


def test_an_older_message_that_comes_later_changes_nothing_and_is_told_so(peer):
    made = example("session_example_2_short_finished")
    peer("put", SESSION, made)
    answer = peer("put", SESSION, {**made, "kwh": 1, "last_updated": "2015-06-29T22:00:00Z"})
    assert code(answer) == (200, 1000)
    assert "older" in answer.json()["status_message"]
    assert peer("get", SESSION).json()["data"]["kwh"] == 41.12


def test_a_clock_that_is_ahead_locks_nobody_out(peer):
    made = example("session_example_2_short_finished")
    answer = peer("put", SESSION, {**made, "last_updated": "9999-12-31T23:59:59Z"})
    assert "future" in answer.json()["status_message"]
    assert OcpiObject.objects.get().last_updated.year < 9999


def test_a_session_that_is_called_invalid_loses_its_provisional_record(peer):
    peer("put", LOCATION, example("location_example"))
    peer("put", "sessions/BE/BEC/S1", session())
    assert not Session.objects.get().final
    late = "2015-07-01T00:00:00Z"
    peer("put", "sessions/BE/BEC/S1", session(status="INVALID", last_updated=late))
    assert Session.objects.get().voided_at is not None
    peer("post", "cdrs", cdr())
    assert Session.objects.get(voided_at__isnull=True).final


def test_a_location_makes_its_site_and_charge_points(peer):
    peer("put", LOCATION, example("location_example"))
    site = Location.objects.get()
    assert (site.name, site.country, str(site.latitude)) == ("Gent Zuid", "BE", "51.047599")
    assert set(site.evses.values_list("uid", flat=True)) == {"3256", "3257"}


def test_parts_of_a_location_are_read_put_and_patched_and_bump_their_parents(peer):
    peer("put", LOCATION, example("location_example"))
    assert peer("get", f"{LOCATION}/3256").json()["data"]["uid"] == "3256"
    connector = peer("get", f"{LOCATION}/3256/1").json()["data"]
    new = "2020-01-01T00:00:00Z"
    assert code(peer("put", f"{LOCATION}/3256/3", {**connector, "id": "3"})) == (200, 1000)
    part = {"status": "CHARGING", "last_updated": new}
    assert code(peer("patch", f"{LOCATION}/3257", part)) == (200, 1000)
    connector_part = {"tariff_ids": ["22"], "last_updated": new}
    assert code(peer("patch", f"{LOCATION}/3256/1", connector_part)) == (200, 1000)
    location = peer("get", LOCATION).json()["data"]
    assert location["last_updated"] == new
    assert [evse["last_updated"] for evse in location["evses"]] == [new, new]
    assert [c["id"] for c in location["evses"][0]["connectors"]] == ["1", "2", "3"]
    assert location["evses"][0]["connectors"][0]["tariff_ids"] == ["22"]
    assert location["evses"][1]["status"] == "CHARGING"


@pytest.mark.parametrize(
    ("method", "path", "body", "expected"),
    [
        ("get", f"{LOCATION}/9999", None, (404, 2003)),
        ("get", f"{LOCATION}/3256/9", None, (404, 2003)),
        ("get", "locations/BE/BEC/LOC9", None, (404, 2003)),
        ("patch", f"{LOCATION}/9999", {"last_updated": "2020-01-01T00:00:00Z"}, (404, 2003)),
        ("patch", f"{LOCATION}/3256", {"status": "CHARGING"}, (200, 2001)),
        ("patch", f"{LOCATION}/3256", {"uid": "1", "last_updated": LATE}, (200, 2001)),
        ("put", f"{LOCATION}/3256", {"uid": "3256"}, (200, 2001)),
        ("delete", f"{LOCATION}/3256", None, (405, 2000)),
    ],
)  # fmt: skip
def test_a_part_that_is_wrong_or_not_there(peer, method, path, body, expected):
    peer("put", LOCATION, example("location_example"))
    assert code(peer(method, path, body)) == expected


def test_a_kind_of_plug_that_nobody_knew_is_taken_and_a_status_is_not(peer):
    made = example("location_example")
    made["evses"][0]["connectors"][0]["standard"] = "MCS"
    made["a_field_of_tomorrow"] = {"x": 1}
    assert code(peer("put", LOCATION, made)) == (201, 1000)
    assert peer("get", LOCATION).json()["data"]["a_field_of_tomorrow"] == {"x": 1}
    made["evses"][0]["status"] = "RESERVATION"
    assert code(peer("put", LOCATION, made)) == (200, 2001)


def test_a_tariff_is_kept_and_removed(peer):
    made = example("tariff_14_step_size")
    del made["last_updated"]  # one of the standard's own examples has none
    assert code(peer("put", TARIFF, made)) == (201, 1000)
    assert code(peer("delete", TARIFF)) == (200, 1000)
    assert code(peer("delete", TARIFF)) == (404, 2000)
    assert code(peer("get", TARIFF)) == (404, 2000)
    assert code(peer("put", TARIFF, made)) == (201, 1000)


def test_tokens_are_kept_by_type_and_found_by_their_hmac(provider_peer):
    assert code(provider_peer("put", TOKEN, CARD)) == (201, 1000)
    assert code(provider_peer("put", f"{TOKEN}?type=APP_USER", CARD)) == (200, 2001)
    part = {"valid": False, "last_updated": "2026-02-01T00:00:00Z"}
    assert code(provider_peer("patch", f"{TOKEN}?type=RFID", part)) == (200, 1000)
    assert provider_peer("get", TOKEN).json()["data"]["valid"] is False
    row = OcpiObject.objects.get()
    assert "012345678" not in row.uid


def test_no_log_names_a_driver_s_token(provider_peer):
    other = "tokens/NL/TST/987654321"
    provider_peer("put", TOKEN, CARD)
    assert code(provider_peer("put", other, CARD)) == (200, 2001)
    assert code(provider_peer("patch", other, {"last_updated": LATE})) == (404, 2004)
    for row in ConnectionMessage.objects.all():
        kept = f"{row.subject} {row.detail} {row.notices}"
        assert "012345678" not in kept
        assert "987654321" not in kept


def test_a_token_is_authorized_for_those_who_share_claims_alone(
    peer, provider_peer, company, provider
):
    provider_peer("put", TOKEN, CARD)
    path = "sender/tokens/012345678/authorize"
    assert code(peer("post", path)) == (404, 2004)
    delegate(operator=company, provider=provider, valid_from=NOW, now=NOW)
    answer = peer("post", path)
    assert code(answer) == (200, 1000)
    data = answer.json()["data"]
    assert (data["allowed"], data["token"]) == ("ALLOWED", CARD)
    assert len(data["authorization_reference"]) == 36
    peer("put", LOCATION, example("location_example"))
    place = {"location_id": "LOC1", "evse_uids": ["3256", "9"]}
    assert peer("post", path, place).json()["data"]["location"]["evse_uids"] == ["3256"]
    nowhere = {"location_id": "LOC1", "evse_uids": ["9"]}
    assert peer("post", path, nowhere).json()["data"]["allowed"] == "NOT_ALLOWED"
    assert code(peer("post", path, {"location_id": "LOC9"})) == (404, 2003)
    assert code(peer("post", path, {"evse_uids": "9"})) == (200, 2001)
    provider_peer("patch", TOKEN, {"valid": False, "last_updated": "2026-02-01T00:00:00Z"})
    assert peer("post", path).json()["data"]["allowed"] == "BLOCKED"


def test_lists_come_in_pages_oldest_first(peer):
    for n in range(5):
        made = {
            **example("location_example"),
            "id": f"L{n}",
            "last_updated": f"2020-01-0{5 - n}T00:00:00Z",
        }
        peer("put", f"locations/BE/BEC/L{n}", made)
    first = peer("get", "sender/locations?limit=2")
    assert [row["id"] for row in first.json()["data"]] == ["L4", "L3"]
    assert (first["X-Total-Count"], first["X-Limit"]) == ("5", "2")
    following = first["Link"].split(";")[0].strip("<>").removeprefix("http://localhost:8000")
    second = peer("get", following)
    assert [row["id"] for row in second.json()["data"]] == ["L2", "L1"]
    last = peer("get", "sender/locations?limit=2&offset=4")
    assert "Link" not in last
    period = "sender/locations?date_from=2020-01-02T00:00:00Z&date_to=2020-01-04T00:00:00Z"
    assert [row["id"] for row in peer("get", period).json()["data"]] == ["L3", "L2"]
    for wrong in (
        "limit=0",
        "limit=x",
        "offset=-1",
        "offset=99999999999999999999",
        "date_from=now",
    ):
        assert code(peer("get", f"sender/locations?{wrong}")) == (200, 2001)


def test_what_is_sent_on_is_the_caller_s_own_or_shared(peer, provider_peer, company, provider):
    peer("put", LOCATION, example("location_example"))
    peer("put", TARIFF, example("tariff_14_step_size"))
    assert provider_peer("get", "sender/locations").json()["data"] == []
    assert code(provider_peer("get", "sender/locations/LOC1")) == (404, 2003)
    delegate(operator=company, provider=provider, valid_from=NOW, now=NOW)
    assert provider_peer("get", "sender/locations/LOC1/3256/1").json()["data"]["id"] == "1"
    assert len(provider_peer("get", "sender/tariffs").json()["data"]) == 1


def test_a_green_flag_that_was_typed_in_is_not_sent_on(peer):
    made = example("location_example")
    made["energy_mix"] = {"is_green_energy": True}
    peer("put", LOCATION, made)
    assert peer("get", LOCATION).json()["data"]["energy_mix"] == {"is_green_energy": True}
    assert "energy_mix" not in peer("get", "sender/locations/LOC1").json()["data"]


def test_decimals_keep_their_digits_after_a_patch(peer):
    body = (EXAMPLES / "session_example_2_short_finished.json").read_bytes()
    peer("put", SESSION, body)
    peer("patch", SESSION, {"currency": "CHF", "last_updated": "2015-06-30T00:00:00Z"})
    text = peer("get", SESSION).content
    assert b'"excl_vat":8.50' in text
    assert json.loads(text)["data"]["currency"] == "CHF"


def test_a_session_whose_id_holds_a_slash_has_an_address(peer):
    body = session(id="S/1")
    assert code(peer("put", "sessions/BE/BEC/S%2F1", body)) == (201, 1000)
    stamp = {"kwh": 3, "last_updated": "2026-10-31T23:00:00Z"}
    assert code(peer("patch", "sessions/BE/BEC/S%2F1/", stamp)) == (200, 1000)
    assert peer("get", "sessions/BE/BEC/s%2f1").json()["data"]["kwh"] == 3


@pytest.mark.parametrize(
    ("path", "where"),
    [
        ("locations/BE/BEC/LOC1", ("evses", 0, "uid")),
        ("locations/BE/BEC/LOC1", ("evses", 0, "connectors", 0, "id")),
    ],
)
def test_parts_of_a_site_without_a_name_are_refused(peer, path, where):
    body = example("location_example")
    part = body
    for step in where[:-1]:
        part = part[step]
    part[where[-1]] = ""
    answer = peer("put", path, body)
    assert code(answer) == (200, 2001)
    assert "is empty" in answer.json()["status_message"]
