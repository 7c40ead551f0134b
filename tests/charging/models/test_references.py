"""Charges, hours and allocations refer to what is there, whichever way the database sees to it."""

import pytest

from certificates.models import Retirement
from charging.models import Allocation, MatchingRun, Receipt, Session, SessionHour
from tests.charging.proven import matched_charge
from tests.past_models import delete_from, refused

pytestmark = pytest.mark.django_db
NOBODY = 987_654_321


@pytest.fixture
def receipt(producer, company, now) -> Receipt:
    return matched_charge(producer, company, now)


def test_an_hour_of_no_session_is_refused(receipt):
    known = SessionHour.objects.values("starts_at", "energy_wh", "method").first()
    refused(lambda: SessionHour.objects.create(session_id=NOBODY, **known))


def test_a_receipt_of_no_session_is_refused(receipt):
    refused(lambda: Receipt.objects.create(session_id=NOBODY, opened_at=receipt.opened_at))


@pytest.mark.parametrize("column", ["run_id", "session_hour_id", "retirement_id"])
def test_an_allocation_that_names_nothing_is_refused(receipt, column):
    row = Allocation.objects.first()
    values = {"run_id": row.run_id, "session_hour_id": row.session_hour_id}
    free = Retirement.objects.get(pk=row.retirement_id)
    Allocation.objects.filter(pk=row.pk).delete()
    values |= {"retirement_id": free.pk, column: NOBODY}
    refused(lambda: Allocation.objects.create(**values))


@pytest.mark.parametrize("model", [SessionHour, Receipt])
def test_nothing_is_turned_to_a_session_that_is_not_there(receipt, model):
    rows = model.objects.filter(session=receipt.session)
    refused(lambda: rows.update(session_id=NOBODY))


def test_what_charges_refer_to_cannot_be_removed(receipt):
    refused(lambda: delete_from("charging_session", receipt.session_id))
    refused(lambda: delete_from("charging_matchingrun", MatchingRun.objects.first().pk))
    refused(lambda: delete_from("certificates_retirement", Retirement.objects.first().pk))
    assert Session.objects.filter(pk=receipt.session_id).exists()


def test_two_receipts_never_share_a_link(receipt):
    later = {"session_id": receipt.session_id, "version": 2, "opened_at": receipt.opened_at}
    refused(lambda: Receipt.objects.create(public_id=receipt.public_id, **later))
