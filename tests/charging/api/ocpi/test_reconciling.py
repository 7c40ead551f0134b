"""CDRs held against their sessions, meters, tariffs and neighbours; findings are kept."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils.html import escape

from certificates.models import Membership, Role, User
from charging.models import Cdr, CdrRating, ChargeFinding, Session
from charging.services.meter_keys import NewKey, register
from charging.services.reconciling import reconcile_cdrs, reconcile_waiting
from charging.services.sessions.importing import Upload, import_sessions
from charging.services.sessions.options import Options
from tests.charging.api.ocpi.conftest import NOW, cdr, example, session
from tests.charging.api.ocpi.test_evidence import METER, whole
from tests.charging.plant import GENERIC_HEADER


def look(now=NOW):
    return reconcile_waiting(now=now)


def found(**only):
    return sorted(
        ChargeFinding.objects.filter(settled_at__isnull=True, **only).values_list(
            "session__uid", "code"
        )
    )


def test_a_cdr_that_agrees_with_its_tariff_has_no_finding(peer):
    peer("post", "cdrs", cdr())
    assert (look(), look()) == (1, 0)
    rating = CdrRating.objects.get()
    assert (rating.currency, rating.cost_excl, rating.cost_incl) == (
        "EUR",
        Decimal("4.0000"),
        Decimal("4.4000"),
    )
    assert not found()


def test_another_cost_than_the_tariff_s_is_found_once(peer):
    peer("post", "cdrs", cdr(total_cost={"excl_vat": 5.00, "incl_vat": 5.50}))
    look()
    assert found() == [("S1", "cost"), ("S1", "cost")]  # without taxes, and with them
    reconcile_cdrs(cdr_ids=[Cdr.objects.get().pk], now=NOW)
    assert ChargeFinding.objects.count() == 2


def test_a_session_of_another_amount_and_a_unit_mixed_up_are_named(peer):
    peer("put", "locations/BE/BEC/LOC1", example("location_example"))
    peer("put", "sessions/BE/BEC/S1", session(kwh=20.0))
    peer("post", "cdrs", cdr())
    periods = [
        {**cdr()["charging_periods"][0], "dimensions": [{"type": "ENERGY", "volume": 15342}]}
    ]
    start = "2015-06-29T20:39:09Z"
    second = cdr("C2", session_id="S2", start_date_time=start, charging_periods=periods)
    peer("post", "cdrs", second)
    look()
    assert {("S1", "energy"), ("S2", "unit")} <= set(found())


def test_a_signed_value_that_proves_nothing_says_why(peer, company):
    peer("post", "cdrs", cdr(signed_data=whole()))
    look()
    sentences = list(ChargeFinding.objects.filter(code="meter").values_list("sentence", flat=True))
    assert any("does not prove" in sentence for sentence in sentences)


def test_an_operator_who_states_more_than_was_signed_is_found(peer, company):
    register(owner=company, key=NewKey("M-1", METER.public_key), actor="test", now=NOW)
    peer("post", "cdrs", cdr(total_energy=30, signed_data=whole()))
    look()
    assert Session.objects.get().energy_wh == 15_342
    assert found() == [("S1", "energy")]


def test_two_charges_at_once_are_found_with_both(peer):
    peer("post", "cdrs", cdr())
    later = cdr("C2", session_id="S2", start_date_time="2015-06-29T22:00:00Z")
    peer("post", "cdrs", later)
    look()
    assert found(code="overlap") == [("S1", "overlap"), ("S2", "overlap")]


def test_what_a_later_look_does_not_find_is_settled_and_stays_readable(peer):
    peer("post", "cdrs", cdr())
    peer("post", "cdrs", cdr("C2", session_id="S2", start_date_time="2015-06-29T22:00:00Z"))
    look()
    Session.objects.filter(uid="S2").update(voided_at=NOW, final=False)
    reconcile_cdrs(cdr_ids=[Cdr.objects.get(uid="C1").pk], now=NOW + timedelta(days=1))
    assert not found(session__uid="S1")
    assert ChargeFinding.objects.filter(session__uid="S1").count() == 1


def test_a_tariff_that_cannot_be_priced_stops_nothing(peer):
    components = [{"type": "TIME", "price": 2, "step_size": 0}]
    tariff = {**cdr()["tariffs"][0], "elements": [{"price_components": components}]}
    peer("post", "cdrs", cdr(tariffs=[tariff, {**tariff, "id": "13"}]))
    look()
    assert Cdr.objects.get().reconciled_at == NOW


def test_charges_of_a_file_that_overlap_are_accepted_and_found(company, great_britain, now):
    rows = [
        "A,EV-1,1,2026-03-01T10:00Z,2026-03-01T11:00Z,10,Mill Street",
        "B,EV-1,1,2026-03-01T10:30Z,2026-03-01T12:00Z,10,Mill Street",
        "C,EV-1,2,2026-03-01T10:30Z,2026-03-01T12:00Z,10,Mill Street",
    ]
    data = "\n".join([GENERIC_HEADER, *rows, ""]).encode()
    options = Options("generic", area=great_britain.code)
    import_sessions(organisation=company, upload=Upload("x.csv", data), options=options, now=now)
    assert look(now) == 1
    assert found() == [("A", "overlap"), ("B", "overlap")]


def _periods(kwh):
    dimensions = [{"type": "ENERGY", "volume": kwh}, {"type": "TIME", "volume": 1.973}]
    return [{**cdr()["charging_periods"][0], "dimensions": dimensions}]


def _tariffs(**component):
    components = [{"type": "TIME", "price": 2, "vat": 10, "step_size": 300} | component]
    return [{**cdr()["tariffs"][0], "elements": [{"price_components": components}]}]


def _log_in(client, company):
    user = User.objects.create_user("company@example.org", "correct horse battery")
    Membership.objects.create(user=user, organisation=company, role=Role.CHARGING_COMPANY)
    client.force_login(user)


WRONG = {
    "unit": [cdr(charging_periods=_periods(15_342))],
    "energy": [cdr(charging_periods=_periods(20))],
    "time": [cdr(total_time=5)],
    "cost": [cdr(total_cost={"excl_vat": 5, "incl_vat": 5.5})],
    "duplicate": [cdr(), cdr("C2", session_id="S2", start_date_time="2015-06-29T21:39:39Z")],
    "overlap": [cdr(), cdr("C2", session_id="S2", start_date_time="2015-06-29T22:00:00Z")],
    "over_power": [cdr(total_energy=40)],  # three phases of 220 V and 16 A for two hours
    "meter": [cdr(signed_data=whole())],
    "not_rated": [cdr(tariffs=_tariffs(price=-1, step_size=-5))],
}


@pytest.mark.parametrize("code", ChargeFinding.Code.values)
def test_every_named_finding_is_where_a_person_sees_it(peer, company, client, code):
    peer("put", "locations/BE/BEC/LOC1", example("location_example"))
    for body in WRONG[code]:
        assert peer("post", "cdrs", body).json()["status_code"] == 1000
    assert look() == len(WRONG[code])
    _log_in(client, company)
    listed = client.get(f"/company/findings/?code={code}").text
    kept = ChargeFinding.objects.filter(code=code)
    assert kept
    for finding in kept:
        assert escape(finding.sentence) in listed
        page = client.get(f"/company/charges/{finding.session_id}/").text
        assert escape(finding.sentence) in page
        assert "Not found any more" not in page
    kept.update(settled_at=NOW)
    assert escape(finding.sentence) not in client.get("/company/findings/").text
    page = client.get(f"/company/charges/{finding.session_id}/").text
    assert "Not found any more since 2026-11-01 00:00 UTC" in page


def test_a_charge_that_nothing_contradicts_shows_no_contradictions(peer, company, client):
    peer("post", "cdrs", cdr())
    look()
    _log_in(client, company)
    page = client.get(f"/company/charges/{Session.objects.get().pk}/").text
    assert "What contradicts" not in page
