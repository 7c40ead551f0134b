"""Storage over the API: from its registration to the certificates it gives back."""

import io
import json

import pytest

from certificates.models import Device, OrganisationRole, StorageRecord
from certificates.queries.holding.holdings import holdings
from certificates.services.plants.devices import approve
from tests.certificates.conftest import NOW
from tests.certificates.stored import certifier, charge, line, take
from tests.fixtures.api import Caller

FACTS = {
    "name": "Battery",
    "capacity_w": 1_000_000,
    "capacity_wh": 2_000_000,
    "method": "fifo",
    "loss_months": 1,
    "area": "10YGB----------A",
    "commissioned_on": "2018-01-01",
}
CSV = (
    "flow_start_datetime,flow_end_datetime,flow_energy,validator_id\n"
    "2018-01-01T00:00Z,2018-01-01T01:00Z,-1000,grid\n"
    "2018-01-01T01:00Z,2018-01-01T02:00Z,800,grid\n"
)


@pytest.fixture
def call(client, farm):
    return Caller(client, farm)


@pytest.fixture
def path(call, farm, produce):
    produce("1", "2")
    answer = call("post", "storage/", key="s", data=json.dumps(FACTS))
    assert answer.status_code == 201
    device = Device.objects.get(gsrn=answer.json()["gsrn"])
    approve(device=device, now=NOW, actor="test")
    return f"storage/{device.gsrn}/"


def post(call, path, key, **body):
    return call("post", path, key=key, data=json.dumps(body))


def send_file(call, path, key, text=CSV):
    file = io.BytesIO(text.encode())
    file.name = "storage.csv"
    return call("post", f"{path}records/", key=key, multipart=True, data={"file": file})


def test_energy_goes_in_is_retired_for_and_comes_out_as_certificates(call, path, device):
    assert send_file(call, path, "r").json() == {
        "rows": 2,
        "recorded": 2,
        "replaced": 0,
        "duplicates": 0,
        "empty": 0,
    }
    period = {"starts_from": "2018-01-01T00:00Z", "starts_before": "2018-02-01T00:00Z"}
    charged = post(call, f"{path}charges/", "c", **period)
    assert charged.json() == {"retirements": 1, "amount_wh": 1000, "unknown_wh": 0}
    certifier()()
    body = {"starts_at": "2018-01-01T00:00Z", "stored_wh": 0}
    settled = post(call, f"{path}intervals/", "i", **body)
    assert settled.status_code == 200
    assert (settled.json()["given_wh"], settled.json()["lost_wh"]) == (800, 200)
    assert call("get", f"{path}intervals/").json()["results"][0]["gone_wh"] == 1000
    (row,) = call("get", f"{path}certificates/").json()["results"]
    assert (row["sdr_proportion_wh"], row["given_wh"]) == (1000, 800)
    assert (row["efficiency_output_wh"], row["efficiency_input_wh"]) == (800, 1000)
    assert row["generated_by"] == device.gsrn
    (held,) = call("get", f"certificates/?device={path.split('/')[1]}").json()["results"]
    assert held["technology_code"] == device.technology_code
    assert held["generated_by"] == device.gsrn
    (lot,) = call("get", f"lots/?device={path.split('/')[1]}").json()["results"]
    assert call("get", f"lots/{lot['code']}/").json() == lot | {"generated_by": device.gsrn}
    assert held["energy_source_code"] == device.energy_source_code
    assert len(call("get", "certificates/?energy_source_code=F01050100").json()["results"]) == 2


def test_the_same_key_gives_the_same_answer_and_another_key_adds_nothing(call, path):
    first, again = send_file(call, path, "r"), send_file(call, path, "r")
    assert first.json() == again.json()
    assert again["Idempotent-Replayed"] == "true"
    assert send_file(call, path, "other").json()["duplicates"] == 2
    assert StorageRecord.objects.count() == 2


def test_every_bad_line_is_named_and_nothing_is_kept(call, path):
    good = {
        "flow_start_datetime": "2018-01-01T00:00Z",
        "flow_end_datetime": "2018-01-01T01:00Z",
        "flow_energy": -5,
    }
    rows = [good, good | {"flow_energy": "x"}, good | {"flow_end_datetime": "soon"}]
    answer = post(call, f"{path}records/", "r", records=rows)
    assert answer.status_code == 422
    assert [(e["line"], e["field"]) for e in answer.json()["errors"]] == [
        (2, "flow_energy"),
        (3, "flow_end_datetime"),
    ]
    assert not StorageRecord.objects.exists()


@pytest.mark.parametrize("body", ["[]", "null", '"x"', '{"records": 5}', "{}"])
def test_a_body_without_records_is_refused(call, path, body):
    answer = call("post", f"{path}records/", key="r", data=body)
    assert answer.status_code in (400, 422)


def test_single_certificates_are_retired_for_single_charges_or_each_refusal_is_named(
    call, path, farm
):
    send_file(call, path, "r")
    charge = StorageRecord.objects.get(direction="charge")
    first, second = holdings(farm)
    good = {"record": charge.pk, "asset": first.code, "amount_wh": 300}
    wrong = good | {"asset": second.code}
    refused = post(call, f"{path}charges/", "a", allocations=[good, wrong])
    assert refused.status_code == 422
    assert [e["line"] for e in refused.json()["errors"]] == [2]
    assert post(call, f"{path}charges/", "b", allocations=[good]).json()["unknown_wh"] == 700
    (row,) = call("get", f"{path}charges/").json()["results"]
    assert (row["record"], row["amount_wh"], row["state"]) == (charge.pk, 300, "pending")


@pytest.mark.parametrize(
    "body", [{}, {"starts_from": "2018-01-01T00:00Z"}, {"allocations": []}, {"allocations": [{}]}]
)
def test_an_allocation_of_nothing_is_refused(call, path, body):
    assert post(call, f"{path}charges/", "a", **body).status_code == 400


def test_records_are_withdrawn_all_or_none(call, path):
    send_file(call, path, "r")
    ids = list(StorageRecord.objects.values_list("pk", flat=True))
    refused = post(call, f"{path}records/withdraw/", "w", records=[*ids, max(ids) + 1])
    assert [e["line"] for e in refused.json()["errors"]] == [3]
    done = post(call, f"{path}records/withdraw/", "x", records=ids)
    assert done.json() == {"records": 2, "returned_wh": 0, "kept_wh": 0}
    rows = call("get", f"{path}records/?status=withdrawn&direction=charge").json()["results"]
    assert [row["energy_wh"] for row in rows] == [1000]


def test_an_interval_settled_otherwise_is_a_conflict(call, path):
    send_file(call, path, "r")
    body = {"starts_at": "2018-01-01T00:00Z", "stored_wh": 0}
    assert post(call, f"{path}intervals/", "i", **body).status_code == 200
    other = post(call, f"{path}intervals/", "j", **body | {"stored_wh": 9})
    assert (other.status_code, other.json()["code"]) == (409, "loss_interval_closed")


def test_a_corrected_plant_shows_as_a_shortfall(call, path, produce, certify):
    battery = Device.objects.get(gsrn=path.split("/")[1])
    take(battery, line(0, -1000), line(1, 800))
    charge(battery)
    certify()
    assert call("get", f"{path}shortfalls/").json() == []
    produce("0.7")
    (row,) = call("get", f"{path}shortfalls/").json()
    assert (row["before_wh"], row["after_wh"]) == (1_000, 700)
    assert (row["retired_wh"], row["missing_wh"]) == (1_000, 300)
    assert (row["given_wh"], row["given_missing_wh"]) == (0, 0)


def test_storage_of_another_is_not_there(call, path, client, company):
    OrganisationRole.objects.create(organisation=company, role="producer")
    stranger = Caller(client, company)
    assert stranger("get", "storage/").json()["results"] == []
    for place in ("", "records/", "charges/", "intervals/", "certificates/", "shortfalls/"):
        assert stranger("get", path + place).status_code == 404
    assert send_file(stranger, path, "r").status_code == 404
    body = {"starts_at": "2018-01-01T00:00Z", "stored_wh": 0}
    assert post(stranger, f"{path}intervals/", "i", **body).status_code == 404


def test_storage_that_states_too_little_or_too_much_is_refused(call, farm):
    for change in (
        {"method": "best"},
        {"loss_months": 7},
        {"capacity_wh": 0},
        {"opening_wh": 3_000_000},
        {"technology_code": "T020001"},
        {"starts_on": "2017-12-31"},
        {"method": ""},
        {"loss_months": True},
    ):
        answer = call("post", "storage/", key=str(change), data=json.dumps(FACTS | change))
        assert answer.status_code == 422, change
        assert answer.json()["errors"][0]["field"] == next(iter(change))


def test_a_meter_file_of_generation_and_issuance_are_refused_for_storage(call, path):
    gsrn = path.split("/")[1]
    body = {"readings": [{"starts_at": "2018-01-01T00:00Z", "energy_wh": 5}]}
    assert post(call, f"devices/{gsrn}/readings/", "m", **body).status_code == 409
    assert call("post", f"devices/{gsrn}/issuance/", key="n").status_code == 409
