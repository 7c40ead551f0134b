"""CDRs over the wire: final, never changed, credited in whatever order."""

import json

import pytest

from charging.models import Cdr, ConnectionMessage, Location, Receipt, Session
from charging.models.sealing import unseal
from charging.queries.receipts.cost import cost_of
from charging.services.matching.claimants import delegate
from charging.services.ocpi.cdr_placing import retry_without_area
from charging.services.ocpi.sites import set_area
from charging.services.sessions.importing import Upload, import_sessions
from charging.services.sessions.options import Options
from ledger.models import AuditEvent
from tests.charging.api.ocpi.conftest import (
    EXAMPLES,
    NOW,
    TOKEN,
    Peer,
    cdr,
    connect,
    credit,
    example,
    session,
)
from tests.charging.plant import GENERIC_HEADER


def code(answer):
    return answer.status_code, answer.json()["status_code"]


def test_a_cdr_is_kept_byte_for_byte_and_says_where(peer):
    body = (EXAMPLES / "cdr_example.json").read_bytes()
    answer = peer("post", "cdrs", body)
    assert code(answer) == (201, 1000)
    where = answer["Location"]
    assert where == "http://localhost:8000/ocpi/2.2.1/cdrs/BE/BEC/12345"
    back = peer("get", where.removeprefix("http://localhost:8000"))
    assert body in back.content
    assert back.json()["data"] == json.loads(body)


def test_a_cdr_makes_one_final_record_with_its_hours_and_a_receipt(peer):
    peer("post", "cdrs", cdr())
    row = Session.objects.get()
    assert (row.uid, row.final, row.energy_wh, row.raw_energy) == ("S1", True, 15_342, "15.342")
    assert (row.country_code, row.party_id) == ("BE", "BEC")
    assert row.area.country == "BE"
    assert sum(row.hours.values_list("energy_wh", flat=True)) == 15_342
    assert row.hours.count() == 3
    assert Receipt.objects.get().session == row


def test_the_same_cdr_twice_is_once_whatever_its_blanks(peer):
    first = peer("post", "cdrs", cdr())
    again = peer("post", "cdrs", json.dumps(cdr(), indent=3, sort_keys=True).encode())
    assert (code(first), code(again)) == ((201, 1000), (200, 1000))
    assert first["Location"] == again["Location"]
    assert (Cdr.objects.count(), Session.objects.count()) == (1, 1)


def test_another_body_under_one_id_is_2001_and_an_alarm(peer, connection):
    peer("post", "cdrs", cdr())
    answer = peer("post", "cdrs", cdr("c1", total_energy=99))
    assert code(answer) == (200, 2001)
    assert "Credit CDR" in answer.json()["status_message"]
    assert Session.objects.get().energy_wh == 15_342
    assert AuditEvent.objects.filter(action="ocpi.cdr_altered").count() == 1
    assert ConnectionMessage.objects.get(is_alarm=True).kind == "cdr_altered"


def test_what_a_digit_more_says_is_no_other_cdr(peer):
    peer("post", "cdrs", json.dumps(cdr()).replace("15.342", "15.3420").encode())
    assert code(peer("post", "cdrs", cdr())) == (200, 1000)
    assert Session.objects.get().raw_energy == "15.3420"


def test_a_session_and_its_cdr_complete_one_record_in_either_order(peer):
    path = "sessions/BE/BEC/S1"
    peer("put", "locations/BE/BEC/LOC1", example("location_example"))
    assert code(peer("put", path, session())) == (201, 1000)
    row = Session.objects.get()
    assert (row.final, row.energy_wh) == (False, 15_000)
    peer("post", "cdrs", cdr(session_id="s1"))
    row.refresh_from_db()
    assert (row.final, row.energy_wh) == (True, 15_342)
    assert sum(row.hours.values_list("energy_wh", flat=True)) == 15_342
    peer("put", path, session(kwh=3, last_updated="2015-06-30T00:00:00Z"))
    row.refresh_from_db()
    assert row.energy_wh == 15_342
    assert (Session.objects.count(), Receipt.objects.count()) == (1, 1)


def test_without_a_session_id_the_charge_is_found_by_charger_token_and_start(peer):
    peer("put", "sessions/BE/BEC/S1", session())
    nameless = cdr()
    del nameless["session_id"]
    peer("post", "cdrs", nameless)
    assert Session.objects.get().final
    assert Cdr.objects.get().status == Cdr.Status.RECORDED


def test_a_nameless_cdr_waits_for_the_session_that_explains_it(peer):
    peer("post", "cdrs", (EXAMPLES / "cdr_example.json").read_bytes())
    assert Cdr.objects.get().hold == Cdr.Hold.POSSIBLE_DUPLICATE
    assert not Session.objects.exists()
    peer("put", "sessions/BE/BEC/S1", session())
    assert Cdr.objects.get().status == Cdr.Status.RECORDED
    assert (Session.objects.get().uid, Session.objects.get().final) == ("S1", True)


def test_a_second_cdr_of_one_charge_waits_and_never_counts_twice(peer):
    peer("post", "cdrs", cdr())
    answer = peer("post", "cdrs", cdr("C2", total_energy=14))
    assert code(answer) == (201, 1000)
    assert "Held" in answer.json()["status_message"]
    assert Session.objects.get().energy_wh == 15_342


@pytest.mark.parametrize("order", ["012", "021", "102", "120", "201", "210"])
def test_a_credit_and_the_right_cdr_end_alike_in_every_order(peer, order):
    sent = [cdr(), credit("C1", "C1-credit"), cdr("C2", total_energy=14)]
    for n in order:
        assert code(peer("post", "cdrs", sent[int(n)])) == (201, 1000)
    live = Session.objects.get(voided_at__isnull=True)
    assert (live.energy_wh, live.final) == (14_000, True)
    states = {row.uid: row.status for row in Cdr.objects.all()}
    assert states == {"C1": "credited", "C1-credit": "credit", "C2": "recorded"}
    assert not Session.objects.filter(voided_at__isnull=False, final=True).exists()


def test_a_credit_opens_a_receipt_that_says_so_and_the_right_cdr_the_next(peer, client):
    for sent in (cdr(), credit("C1", "CC"), cdr("C2", total_energy=14)):
        peer("post", "cdrs", sent)
    links = list(Receipt.objects.order_by("version").values_list("public_id", flat=True))
    pages = [client.get(f"/r/{link}/").text for link in links]
    assert len(pages) == 3
    assert "Replaced." in pages[0]
    assert "Replaced." in pages[1]
    assert links[1] in pages[2]
    assert list(Receipt.objects.values_list("version", flat=True).order_by("version")) == [1, 2, 3]


def test_a_credit_alone_leaves_a_claim_taken_back(peer, client):
    peer("post", "cdrs", cdr())
    peer("post", "cdrs", credit("c1", "CC"))
    link = Receipt.objects.get(version=2).public_id
    page = client.get(f"/r/{link}/").text
    assert "Taken back." in page
    assert AuditEvent.objects.filter(action="claim.voided").count() == 1


@pytest.mark.parametrize(
    "wrong",
    [
        {"credit_reference_id": None},
        {"id": "C1-2", "credit_reference_id": "C1-2"},
    ],
)
def test_a_credit_that_names_nothing_or_itself_is_refused(peer, wrong):
    peer("post", "cdrs", cdr())
    assert code(peer("post", "cdrs", {**credit("C1", "CC"), **wrong})) == (200, 2001)


def test_nothing_is_credited_twice_and_no_credit_is_credited(peer):
    peer("post", "cdrs", cdr())
    peer("post", "cdrs", credit("C1", "CC"))
    assert code(peer("post", "cdrs", credit("C1", "CC2"))) == (200, 2001)
    assert code(peer("post", "cdrs", credit("CC", "CC3"))) == (200, 2001)
    assert code(peer("post", "cdrs", credit("C1", "CC"))) == (200, 1000)
    assert Session.objects.count() == 1


def test_a_charge_without_an_area_is_held_until_its_site_has_one(peer, company):
    norway = cdr()
    norway["cdr_location"]["country"] = "NOR"  # five areas
    peer("post", "cdrs", norway)
    assert Cdr.objects.get().hold == Cdr.Hold.AREA_UNKNOWN
    assert retry_without_area(now=NOW) == 0
    set_area(operator=company, name="LOC1", code="10YNO-1--------2", actor="test", now=NOW)
    assert retry_without_area(now=NOW) == 1
    assert Session.objects.get().area.code == "10YNO-1--------2"
    assert Cdr.objects.get().hold == ""


def test_longer_than_a_day_is_held(peer):
    peer("post", "cdrs", cdr(end_date_time="2015-07-01T00:00:00Z"))
    assert Cdr.objects.get().hold == Cdr.Hold.TOO_LONG


ROW = "f1,3256,1,2015-06-29T21:39:09Z,2015-06-29T23:37:32Z,15.342,Gent Zuid"


def take_file(company):
    upload = Upload("made.csv", f"{GENERIC_HEADER}\n{ROW}\n".encode())
    options = Options("generic", area="10YBE----------2", final=True)
    return import_sessions(organisation=company, upload=upload, options=options, now=NOW)


def test_a_charge_that_a_file_brought_is_not_counted_by_ocpi_again(peer, company):
    assert take_file(company).accepted == 1
    peer("post", "cdrs", cdr())
    assert Cdr.objects.get().hold == Cdr.Hold.IN_A_FILE
    assert Session.objects.count() == 1


def test_a_charge_that_came_by_ocpi_is_not_counted_from_a_file_again(peer, company):
    peer("post", "cdrs", cdr())
    report = take_file(company)
    assert (report.accepted, report.held) == (0, 1)
    assert "OCPI" in report.errors[0].reason
    assert Session.objects.count() == 1


def test_nothing_taken_or_given_back_makes_no_record(peer):
    assert code(peer("post", "cdrs", cdr(total_energy=0))) == (201, 1000)
    assert code(peer("post", "cdrs", cdr("C2", session_id="S2", total_energy=-3.5))) == (201, 1000)
    assert set(Cdr.objects.values_list("status", flat=True)) == {"no_energy"}
    assert not Session.objects.exists()


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"total_energy": "15.342"}, "total_energy"),
        ({"total_energy": True}, "total_energy"),
        ({"end_date_time": "2015-06-29T23:37:32+02:00"}, "end_date_time"),
        ({"end_date_time": "2015-06-29T20:00:00Z"}, "end_date_time"),
        ({"end_date_time": "2999-06-29T20:00:00Z"}, "clock"),
        ({"start_date_time": "2015-02-30T20:00:00Z"}, "start_date_time"),
        ({"charging_periods": []}, "charging_periods"),
        ({"auth_method": "NOBODY"}, "auth_method"),
        ({"cdr_token": None}, "cdr_token"),
        ({"cdr_token": []}, "cdr_token"),
        ({"id": "x" * 40}, "id"),
        ({"id": "Gärten"}, "id"),
        ({"remark": "a\u0000b"}, "remark"),
        ({"total_energy": 10**9}, "total_energy"),
    ],
)
def test_what_is_wrong_is_2001_and_named(peer, changes, named):
    answer = peer("post", "cdrs", cdr(**changes))
    assert code(answer) == (200, 2001)
    assert named in answer.json()["status_message"]
    assert not Cdr.objects.exists()


def test_a_party_that_nobody_registered_is_named(peer):
    answer = peer("post", "cdrs", cdr(country_code="FR", party_id="XXX"))
    assert code(answer) == (200, 2001)
    assert "FR*XXX" in answer.json()["status_message"]


def test_the_emsp_may_claim_what_the_operator_left_to_it_and_nothing_else(
    peer, provider_peer, company, provider
):
    assert code(provider_peer("post", "cdrs", cdr())) == (200, 2001)
    assert ConnectionMessage.objects.get().kind == "second_claimant"
    delegate(operator=company, provider=provider, valid_from=NOW.replace(year=2010), now=NOW)
    assert code(provider_peer("post", "cdrs", cdr())) == (201, 1000)
    assert code(peer("post", "cdrs", cdr())) == (200, 1000)
    row = Session.objects.get()
    assert (row.operator, row.claimant) == (company, provider)


def test_a_contract_that_was_not_left_stays_with_the_operator(peer, company, provider, client):
    connect(provider, "DE*TNM", token="other", role="EMSP")
    delegate(
        operator=company,
        provider=provider,
        contract_id="DE-ANOTHER",
        valid_from=NOW.replace(year=2010),
        now=NOW,
    )
    assert code(Peer(client, "other")("post", "cdrs", cdr())) == (200, 2001)
    peer("post", "cdrs", cdr())
    assert Session.objects.get().claimant == company


def test_another_company_s_cdr_is_not_there(peer, provider_peer):
    where = peer("post", "cdrs", cdr())["Location"].removeprefix("http://localhost:8000")
    assert code(provider_peer("get", where)) == (404, 2000)
    assert code(peer("put", where, cdr())) == (405, 2000)
    assert code(peer("delete", where)) == (405, 2000)


def test_the_driver_s_token_is_nowhere_in_the_clear(peer, connection):
    peer("post", "cdrs", cdr())
    peer("put", "sessions/BE/BEC/S1", session())
    stored = b"".join(
        bytes(row.body) for row in [*Cdr.objects.all(), *ConnectionMessage.objects.all()]
    )
    assert b"012345678" not in stored
    assert b"012345678" in unseal(Cdr.objects.get().body)


def test_2_3_0_prices_and_an_embedded_tariff_without_taxes_are_taken(client, company, areas):
    connect(company, "BE*BEC", version="2.3.0")
    newer = cdr(total_cost={"before_taxes": 4.0, "taxes": [{"name": "VAT", "amount": 0.4}]})
    newer["total_time_cost"] = newer["total_cost"]
    assert code(Peer(client, TOKEN, "2.3.0")("post", "cdrs", newer)) == (201, 1000)
    notices = ConnectionMessage.objects.get().notices
    assert any("tariffs[0].tax_included" in notice for notice in notices)


def test_a_site_is_made_once_whatever_the_case_of_its_id(peer):
    other = cdr("C2", session_id="S2", start_date_time="2015-06-28T21:00:00Z",
                end_date_time="2015-06-28T22:00:00Z")  # fmt: skip
    other["cdr_location"]["id"] = "loc1"
    peer("post", "cdrs", cdr())
    peer("post", "cdrs", other)
    assert Location.objects.count() == 1
    assert Session.objects.count() == 2


@pytest.mark.parametrize("tariffs", [[None], [7], ["x"], [[]], [{}], [{"type": 3}], [{"type": {}}]])
def test_tariffs_inside_a_cdr_decide_nothing_whatever_they_are(peer, tariffs):
    answer = peer("post", "cdrs", cdr(tariffs=tariffs))
    assert code(answer) == (201, 1000)
    charge = Session.objects.get()
    assert not charge.green_tariff
    cost = cost_of(charge)
    assert cost is not None
    assert (cost.excl, cost.by_tariff) == (4, False)


@pytest.mark.parametrize("uid", ["a/b", "../x", "a//b c?#%", "1/2/3", "%2F"])
def test_an_id_of_any_characters_can_be_read_back_where_the_answer_says(peer, uid):
    answer = peer("post", "cdrs", cdr(uid))
    assert code(answer) == (201, 1000)
    back = peer("get", answer["Location"].removeprefix("http://localhost:8000"))
    assert back.json()["data"]["id"] == uid


@pytest.mark.parametrize("name", ["id", "cdr_location.id"])
def test_a_cdr_without_a_name_is_refused_and_a_site_without_one_is_not(peer, name):
    body = cdr("C1")
    if name == "id":
        body["id"] = ""
    else:
        body["cdr_location"]["id"] = ""
    assert code(peer("post", "cdrs", body)) == ((200, 2001) if name == "id" else (201, 1000))


def test_a_cdr_that_says_a_thing_twice_is_refused(peer):
    text = json.dumps(cdr()).replace('"total_energy"', '"total_energy": 1, "total_energy"')
    answer = peer("post", "cdrs", text.encode())
    assert code(answer) == (400, 2001)
    assert "'total_energy' stands twice" in answer.json()["status_message"]
    assert not Cdr.objects.exists()
