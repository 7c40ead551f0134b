"""Certificates of another registry over the API: all lines or none, once per key."""

import pytest

from certificates.models import CertificateImport, Device
from certificates.services import reference
from certificates.services.imports.registries import register_registry
from certificates.services.plants.devices import register_device
from ledger.models import IdempotentRequest
from tests.certificates.accepting import accept
from tests.certificates.conftest import NOW, PROOF, facts
from tests.certificates.domain.external.files import gc_csv, hours


@pytest.fixture
def abroad(trail, data_dir) -> Device:
    reference.load()
    register_registry(code="other", name="The other registry", country="DK", now=NOW)
    stated = facts(name="Abroad", kind="external", organisation=trail.producer.slug)
    return register_device(facts=stated, now=NOW, approve=True)


@pytest.fixture
def send(call, abroad):
    """Post a file of three hours, or another."""

    def make(stream=None, *, key="a", **changes):
        stream = stream or gc_csv(*hours(3))
        stream.name = "gc.csv"
        data = {"file": stream, "device": abroad.gsrn, "registry": "other", "proof": PROOF}
        return call("post", "certificates/import/", key=key, multipart=True, data=data | changes)

    return make


def test_a_file_is_handed_in_once_for_one_key_and_once_for_its_content(send):
    first, again = send(), send()
    assert first.status_code == again.status_code == 201
    assert again["Idempotent-Replayed"] == "true"
    assert send(key="b").json()["id"] == first.json()["id"]
    assert CertificateImport.objects.filter(device__name="Abroad").count() == 1
    body = first.json()
    assert (body["status"], body["report"]["amount_wh"]) == ("submitted", 3_000)
    assert "by API key" in body["submitted_by"]


def test_a_post_without_a_key_is_refused(send):
    answer = send(key="")
    assert (answer.status_code, answer.json()["code"]) == (400, "idempotency_key_missing")


def test_a_refusal_names_every_line_its_column_and_why(send, abroad):
    bad = gc_csv({}, {"bundle_quantity": "x"}, {"face_value": ""})
    answer = send(bad)
    assert answer.status_code == 422
    body = answer.json()
    assert (body["code"], body["refused_lines"]) == ("lines_refused", 2)
    assert body["errors"][0] == {
        "line": 3,
        "field": "bundle_quantity",
        "message": "'x' is no whole number above 0; write it without separators.",
    }
    assert [(one["line"], one["field"]) for one in body["errors"]][1:] == [(4, "face_value")]
    assert not abroad.imports.exists()
    assert not IdempotentRequest.objects.exists()


def test_a_dry_run_reports_every_line_and_keeps_nothing(send, abroad):
    answer = send(gc_csv({}, {"bundle_quantity": "x"}), dry_run="true", proof="")
    assert answer.status_code == 200
    report = answer.json()["report"]
    assert (report["rows"], report["good"], report["bad"]) == (2, 1, 1)
    assert report["errors"][0]["line"] == 3
    assert not abroad.imports.exists()


def test_what_a_file_leaves_open_is_asked_and_given(send):
    naive = {
        "production_starting_interval": "01/02/2018 00:00",
        "production_ending_interval": "01/02/2018 01:00",
    }
    answer = send(gc_csv(naive))
    assert (answer.status_code, answer.json()["code"]) == (422, "choice_needed")
    assert "dates, one of dmy, mdy" in answer.json()["detail"]
    made = send(gc_csv(naive), dates="mdy", clock="utc").json()
    assert made["report"]["starts_at"] == "2018-01-02T00:00Z"


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"registry": "nobody"}, 422, "registry_unknown"),
        ({"device": "123456789012345678"}, 404, "not_found"),
        ({"proof": ""}, 422, "import_refused"),
        ({"clock": "sundial"}, 400, "invalid_request"),
        ({"file": ""}, 400, "invalid_request"),
    ],
)
def test_a_request_that_cannot_be_is_refused(send, changes, status, code):
    answer = send(**changes)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_a_plant_that_is_certified_here_takes_none(send, trail):
    answer = send(device=trail.device.gsrn)
    assert (answer.status_code, answer.json()["code"]) == (422, "import_refused")


def test_meter_readings_of_a_plant_certified_elsewhere_are_refused(call, abroad):
    stream = gc_csv({})
    stream.name = "m.csv"
    answer = call(
        "post",
        f"devices/{abroad.gsrn}/readings/",
        key="m",
        multipart=True,
        data={"file": stream},
    )
    assert (answer.status_code, answer.json()["code"]) == (409, "certified_elsewhere")


def test_another_organisations_plant_and_imports_are_not_there(call, send, other, abroad):
    made = send().json()["id"]
    stranger = call.key(other.producer)
    stream = gc_csv({})
    stream.name = "gc.csv"
    data = {"file": stream, "device": abroad.gsrn, "registry": "other", "proof": PROOF}
    answer = call(
        "post", "certificates/import/", key="x", secret=stranger, multipart=True, data=data
    )
    assert answer.status_code == 404
    assert call("get", f"imports/{made}/", secret=stranger).status_code == 404
    listed = call("get", "imports/", secret=stranger).json()["results"]
    assert made not in [row["id"] for row in listed]


def test_a_key_without_the_scope_hands_nothing_in(call, send, trail, abroad):
    reader = call.key(trail.producer, ["certificates:read"])
    answer = call("post", "certificates/import/", key="x", secret=reader, multipart=True, data={})
    assert answer.status_code == 403


def test_the_list_and_the_page_tell_the_decision(call, send):
    made = send().json()["id"]
    row = CertificateImport.objects.get(pk=made)
    accept(brought=row, now=NOW, actor="auditor")
    (listed,) = call("get", "imports/?status=imported").json()["results"]
    assert (listed["id"], listed["status"], listed["registry"]) == (made, "imported", "other")
    assert call("get", f"imports/{made}/").json()["report"]["amount_wh"] == 3_000
    lots = call("get", "lots/").json()["results"]
    assert sum(lot["amount_wh"] for lot in lots if lot["device"] == listed["device"]) == 3_000
