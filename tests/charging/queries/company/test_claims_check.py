"""Claims sent by OCPI, held against the charges that they were made for."""

from datetime import UTC, date, datetime

import pytest

from certificates.models import Organisation
from charging.domain.green_claims import Finding
from charging.models import Session
from charging.queries.company import claims_check as queries
from charging.queries.company.claims_check import claims_check
from charging.services.matching.runs import match
from ledger.services.settlement import settle
from tests.charging.api.ocpi.conftest import areas, cdr, connect, connection, example, peer
from tests.charging.plant import generate, register_plant, share_all
from tests.charging.views.company.test_home import log_in
from tests.ledger.chain.chains import Clock

__all__ = ["areas", "connection", "peer"]
YEAR = (datetime(2015, 1, 1, tzinfo=UTC), datetime(2016, 1, 1, tzinfo=UTC))
GREEN = {"is_green_energy": True, "energy_sources": [{"source": "WIND", "percentage": 100}]}


def green_cdr(uid: str, session: str, **changes):
    """The standard's CDR, its tariff stating green energy."""
    record = cdr(uid, session_id=session, **changes)
    record["tariffs"][0]["energy_mix"] = GREEN
    return record


@pytest.fixture
def claiming(peer, company) -> Organisation:
    """One tariff, one site and one charge record, all of which say green."""
    place = {**example("location_example"), "energy_mix": GREEN}
    tariff = {**example("tariff_14_step_size"), "energy_mix": GREEN}
    tariff |= {"country_code": "BE", "party_id": "BEC", "id": "12"}
    assert peer("put", "locations/BE/BEC/LOC1", place).status_code == 201
    assert peer("put", "tariffs/BE/BEC/12", tariff).status_code == 201
    assert peer("post", "cdrs", green_cdr("C1", "S1")).json()["status_code"] == 1000
    return company


def test_a_claim_without_certificates_is_overstated_by_all_of_it(claiming):
    check = claims_check(claiming, *YEAR)
    energy = Session.objects.get().energy_wh
    assert {claim.kind for claim in check.claims} == {"tariff", "site", "record"}
    for claim in check.claims:
        assert claim.charges == 1
        assert claim.used.charged_wh == energy
        assert (claim.judgement.finding, claim.judgement.short_wh) == (Finding.OVERSTATED, energy)
    assert (check.records, check.unread) == (1, 0)


def test_a_claim_is_borne_out_once_all_of_it_is_in_a_block(data_dir, claiming, producer, now):
    session = Session.objects.get()
    device = register_plant(producer, now)
    device.area, device.commissioned_on = session.area, date(2010, 1, 1)
    device.save()
    share_all(device, claiming, now)
    start = session.started_at.replace(minute=0, second=0)
    generate(device, start, ["30", "30", "30"], now)
    match(organisation=claiming, starts_at=start, ends_at=start.replace(day=30), now=now)
    assert {one.judgement.finding for one in claims_check(claiming, *YEAR).claims} == {
        Finding.ON_ITS_WAY
    }
    settle(clock=Clock())
    check = claims_check(claiming, *YEAR)
    assert {one.judgement.finding for one in check.claims} == {Finding.BORNE_OUT}
    assert {one.used.renewable_wh for one in check.claims} == {session.energy_wh}


def test_a_year_in_which_nothing_was_charged_has_nothing_to_check(claiming):
    check = claims_check(claiming, YEAR[1], YEAR[1].replace(year=2017))
    assert {one.judgement.finding for one in check.claims} == {Finding.NOTHING_CHARGED}
    assert check.records == 0


def test_another_companys_claims_are_not_shown(claiming, provider_like):
    assert claims_check(provider_like, *YEAR).claims == ()


@pytest.fixture
def provider_like(db) -> Organisation:
    from tests.charging.conftest import make_organisation

    other = make_organisation("Rival", "rival", "charging_company")
    connect(other, "NL*RIV", token="the rival's token")
    return other


def test_more_records_than_are_read_are_counted(claiming, peer, monkeypatch):
    later = {"start_date_time": "2015-07-01T10:00:00Z", "end_date_time": "2015-07-01T11:00:00Z"}
    peer("post", "cdrs", cdr("C2", session_id="S2", **later))
    monkeypatch.setattr(queries, "MOST_RECORDS", 1)
    check = claims_check(claiming, *YEAR)
    assert (check.records, check.unread) == (1, 1)


def test_the_page_says_what_is_wrong_in_words(client, claiming):
    log_in(client, claiming)
    page = client.get("/company/claims/", {"year": "2015"}).text
    assert "3 of 3 claims" in page
    assert "Says more than was retired" in page
    assert "100 % wind (0 of" in page
