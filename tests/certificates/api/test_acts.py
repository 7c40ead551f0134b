"""Registering, sending readings and agreeing over the API, once per Idempotency-Key."""

import io
import json
from datetime import timedelta

import pytest
from django.utils import timezone

from certificates.models import Device, Lot, Reading
from certificates.services import reference
from ledger.models import IdempotentRequest

CSV = "starts_at_utc,energy_kwh\n2018-03-01T00:00Z,1.5\n2018-03-01T01:00Z,2.0\n"


@pytest.fixture(autouse=True)
def uploads(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def facts(trail):
    return {
        "name": "Turbine 9",
        "technology_code": "T020001",
        "energy_source_code": "F01050100",
        "capacity_w": 2_050_000,
        "area": trail.area.code,
        "commissioned_on": "2016-04-01",
    }


def send(call, trail, text=CSV, key="file-1", **more):
    path = f"devices/{trail.device.gsrn}/readings/"
    file = io.BytesIO(text.encode())
    file.name = "meter.csv"
    return call("post", path, key=key, multipart=True, data={"file": file, **more})


def test_a_device_is_registered_once_for_one_key(call, facts):
    first = call("post", "devices/", key="a", data=json.dumps(facts))
    again = call("post", "devices/", key="a", data=json.dumps(facts))
    assert first.status_code == again.status_code == 201
    assert first.json() == again.json()
    assert again["Idempotent-Replayed"] == "true"
    assert Device.objects.filter(name="Turbine 9").count() == 1


def test_a_post_without_a_key_is_refused(call, facts):
    answer = call("post", "devices/", data=json.dumps(facts))
    assert answer.status_code == 400
    assert answer.json()["code"] == "idempotency_key_missing"


def test_a_key_that_comes_with_another_body_is_refused(call, facts):
    call("post", "devices/", key="a", data=json.dumps(facts))
    answer = call("post", "devices/", key="a", data=json.dumps(facts | {"name": "Other"}))
    assert answer.status_code == 422
    assert answer.json()["code"] == "idempotency_key_reused"


def test_a_repetition_while_the_first_is_at_work_is_told_to_wait(call, facts):
    call("post", "devices/", key="a", data=json.dumps(facts))
    IdempotentRequest.objects.update(status_code=None, created_at=timezone.now())
    answer = call("post", "devices/", key="a", data=json.dumps(facts))
    assert answer.status_code == 409
    assert answer.json()["code"] == "request_in_flight"


def test_a_request_lost_with_its_process_may_be_sent_again(call, facts):
    call("post", "devices/", key="a", data=json.dumps(facts))
    long_ago = timezone.now() - timedelta(hours=1)
    IdempotentRequest.objects.update(status_code=None, created_at=long_ago)
    assert call("post", "devices/", key="a", data=json.dumps(facts)).status_code == 201


def test_a_refused_request_may_be_corrected_under_the_same_key(call, facts):
    bad = call("post", "devices/", key="a", data=json.dumps(facts | {"capacity_w": -1}))
    assert bad.status_code == 422
    assert bad.json()["errors"][0]["field"] == "capacity_w"
    assert call("post", "devices/", key="a", data=json.dumps(facts)).status_code == 201


def test_two_organisations_may_use_the_same_key(call, facts, other):
    call("post", "devices/", key="a", data=json.dumps(facts))
    secret = call.key(other.producer)
    body = json.dumps(facts | {"area": other.area.code})
    answer = call("post", "devices/", key="a", secret=secret, data=body)
    assert answer.json()["organisation"] == other.producer.slug


def test_nobody_registers_a_device_for_another_organisation(call, facts, other):
    body = json.dumps(facts | {"organisation": other.producer.slug})
    answer = call("post", "devices/", key="a", data=body)
    assert answer.json().get("organisation") != other.producer.slug


def test_a_dry_run_counts_every_line_and_keeps_nothing(call, trail):
    before = Reading.objects.count()
    answer = send(call, trail, dry_run="true")
    assert answer.status_code == 200
    assert answer.json()["accepted"] == 2
    assert Reading.objects.count() == before


def test_sent_readings_become_lots(call, trail):
    reference.load()
    assert send(call, trail).json()["accepted"] == 2
    assert send(call, trail, key="file-2").json()["accepted"] == 2
    before = Lot.objects.count()
    answer = call("post", f"devices/{trail.device.gsrn}/issuance/", key="i")
    assert answer.json() == {"lots": 2, "issued_wh": 3_500}
    assert Lot.objects.count() == before + 2


def test_a_file_that_cannot_be_read_is_a_problem_with_its_reason(call, trail):
    answer = send(call, trail, text="a,b\n1,2\n")
    assert answer.status_code == 422
    assert answer.json()["code"] == "columns_missing"


def test_a_file_for_anothers_device_finds_no_device(call, trail, other):
    assert send(call, other).status_code == 404


def test_a_share_beyond_the_whole_is_refused(call, trail):
    body = {"device": trail.device.gsrn, "to": trail.company.slug, "share_ppm": 500_000}
    answer = call("post", "agreements/", key="a", data=json.dumps(body))
    assert answer.status_code == 422
    assert answer.json()["code"] == "agreement_refused"


def test_anyone_sees_a_certificate_without_whom_it_served(client, trail):
    answer = client.get(f"/api/v1/certificates/{trail.device.gsrn}/0/")
    body = answer.json()
    assert body["issued_wh"] == 1_000
    assert body["hours"][0]["retired"][0]["stretch"] == {"first": 0, "end": 600}
    assert trail.retirement.reference not in json.dumps(body["hours"])


def test_anyone_sees_blocks_and_their_batches(client, trail):
    assert client.get("/api/v1/blocks/").json()["results"][0]["height"] == 1
    batches = client.get("/api/v1/blocks/1/").json()["batches"]
    assert {batch["kind"] for batch in batches} == {"issue", "settle"}
    assert client.get("/api/v1/blocks/99/").status_code == 404


def test_readings_as_json_are_read_like_a_file_and_kept_exactly(call, trail):
    path = f"devices/{trail.device.gsrn}/readings/"
    one = {"starts_at": "2018-03-01T00:00:00Z", "ends_at": "2018-03-01T01:00:00Z"}
    two = {"starts_at": "2018-03-01T01:00:00Z", "ends_at": "2018-03-01T02:00:00Z"}
    body = {"readings": [one | {"energy_kwh": "1.5000001"}, two | {"energy_wh": 2000}]}
    seen = call("post", path, key="dry", data=json.dumps(body | {"dry_run": True}))
    before = Reading.objects.count()
    answer = call("post", path, key="json", data=json.dumps(body))
    assert seen.json()["accepted"] == answer.json()["accepted"] == 2
    assert Reading.objects.count() == before + 2
    first = Reading.objects.order_by("-pk")[1]
    assert (first.energy_wh, first.remainder_uwh, first.raw_value) == (1500, 100, "1.5000001")
    replay = call("post", path, key="json", data=json.dumps(body))
    assert replay["Idempotent-Replayed"] == "true"
    assert call("post", path, key="other", data=json.dumps(body)).json() == answer.json()
    assert Reading.objects.count() == before + 2


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ("{", 400),
        ('{"readings": {}}', 422),
        ('{"readings": [], "colour": 1}', 422),
        ("[" * 50_000, 400),
        ('{"readings": [], "dry_run": "maybe"}', 400),
    ],
)
def test_json_that_is_no_list_of_readings_is_a_problem(call, trail, body, status):
    answer = call("post", f"devices/{trail.device.gsrn}/readings/", key="bad", data=body)
    assert answer.status_code == status


def test_a_bad_reading_is_named_by_its_place_in_the_list(call, trail):
    body = {"readings": [{"starts_at": "soon", "energy_wh": 1}, {"energy_kwh": 1, "energy_wh": 1}]}
    answer = call(
        "post", f"devices/{trail.device.gsrn}/readings/", key="x", data=json.dumps(body)
    ).json()
    assert [(one["line"], one["field"]) for one in answer["errors"]] == [
        (1, "starts_at"),
        (2, "reading"),
    ]


def test_what_a_file_leaves_open_is_asked_for_by_name(call, trail):
    text = "timestamp,kwh\n2018-03-01 00:00,1\n2018-03-01 01:00,2\n"
    answer = send(call, trail, text=text)
    assert answer.status_code == 422
    assert answer.json()["code"] == "choice_needed"
    assert "@zone" in answer.json()["detail"]
    chosen = send(call, trail, text=text, key="file-2", filter="@zone=Europe/Oslo")
    assert chosen.json()["accepted"] == 2


def test_a_file_that_another_corrected_needs_a_word_to_correct_it_back(call, trail):
    send(call, trail, key="file-1")
    send(call, trail, CSV.replace("1.5", "1.6"), key="file-2")
    assert send(call, trail, key="file-1")["Idempotent-Replayed"] == "true"
    refused = send(call, trail, key="file-3")
    assert (refused.status_code, refused.json()["code"]) == (409, "file_overtaken")
    assert send(call, trail, key="file-3", again="true").json()["corrections"] == 1


def test_readings_in_json_may_say_again_too(call, trail):
    def post(wh, key, **more):
        items = [{"starts_at": f"2018-03-01T{n:02}:00:00Z", "energy_wh": wh + n} for n in range(2)]
        path = f"devices/{trail.device.gsrn}/readings/"
        return call("post", path, key=key, data=json.dumps({"readings": items, **more}))

    assert [post(wh, f"k{wh}").status_code for wh in (10, 20)] == [200, 200]
    assert post(10, "again").json()["code"] == "file_overtaken"
    assert post(10, "again", again=True).json()["corrections"] == 2
