"""Held CDRs are released by a person as what they are."""

import pytest

from charging.errors import DecisionRefused, UnknownObject
from charging.models import Cdr, Session
from charging.services.ocpi.cdr_release import release
from charging.services.sessions.importing import Upload, import_sessions
from charging.services.sessions.options import Options
from ledger.models import AuditEvent
from tests.charging.api.ocpi.conftest import NOW, cdr, credit
from tests.charging.plant import GENERIC_HEADER


def by_file(company, kwh="15.342"):
    line = f"F1,3256,1,2015-06-29T21:39:09Z,2015-06-29T23:37:32Z,{kwh},Gent"
    data = f"{GENERIC_HEADER}\n{line}\n".encode()
    options = Options("generic", area="10YBE----------2", final=True)
    import_sessions(organisation=company, upload=Upload("f", data), options=options, now=NOW)


def decide(company, way, cdr_id=None):
    pk = cdr_id or Cdr.objects.get(status="held").pk
    return release(claimant=company, cdr_id=pk, way=way, actor="test", now=NOW)


def test_a_charge_longer_than_a_day_counts_when_a_person_says_so(peer, company):
    peer("post", "cdrs", cdr(start_date_time="2015-06-28T21:39:09Z"))
    assert Cdr.objects.get().hold == "too_long"
    done = decide(company, "long")
    assert (done.status, Session.objects.get().final) == ("recorded", True)
    assert AuditEvent.objects.get(action="cdr.released").detail["way"] == "long"
    with pytest.raises(UnknownObject):
        decide(company, "long", done.pk)


def test_a_charge_of_a_month_is_none_whatever_a_person_says(peer, company):
    peer("post", "cdrs", cdr(start_date_time="2015-05-28T21:39:09Z"))
    with pytest.raises(DecisionRefused, match="14 days"):
        decide(company, "long")


@pytest.mark.parametrize("kwh", ["15.342", "15", "16"])
def test_the_charge_of_a_file_takes_its_cdr_s_figures_and_stays_one(peer, company, kwh):
    by_file(company, kwh)
    peer("post", "cdrs", cdr())
    done = decide(company, "same")
    standing = Session.objects.get(voided_at__isnull=True)
    assert (done.session, standing.energy_wh, standing.final) == (standing, 15_342, True)
    peer("post", "cdrs", credit("C1", "C1-credit"))
    assert not Session.objects.filter(voided_at__isnull=True).exists()


def test_a_charge_beside_the_file_s_is_counted_on_its_own(peer, company):
    by_file(company)
    peer("post", "cdrs", cdr())
    assert decide(company, "own").status == "recorded"
    assert Session.objects.count() == 2


def test_a_way_that_the_hold_does_not_offer_is_refused(peer, company, provider):
    by_file(company)
    peer("post", "cdrs", cdr())
    with pytest.raises(DecisionRefused):
        decide(company, "long")
    with pytest.raises(UnknownObject):
        decide(provider, "same")
    assert Cdr.objects.get().status == "held"
