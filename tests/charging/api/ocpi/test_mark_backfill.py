"""Charges from before marks were kept get them once, from the CDR or Session that is kept."""

import json
from io import StringIO

import pytest
from django.core.management import call_command

from certificates.models import User
from charging.models import Receipt, Session
from charging.services import mark_backfill
from charging.services.driver import erase_driver
from charging.services.mark_backfill import MARKS, mark_charges
from charging.services.receipts import claim_receipt
from tests.charging.api.ocpi.conftest import NOW, cdr, example, session


def marks() -> dict:
    rows = Session.objects.order_by("pk").values_list("pk", *MARKS)
    return {pk: [mark and bytes(mark) for mark in found] for pk, *found in rows}


def forget() -> None:
    Session.objects.update(**dict.fromkeys(MARKS))


@pytest.fixture
def charges(peer, company):
    for number in range(3):
        body = cdr(f"c{number}", session_id=f"S{number}")
        body["cdr_token"] = body["cdr_token"] | {"uid": f"CARD{number}"}
        peer("post", "cdrs", body)
    assert Session.objects.count() == 3
    return marks()


def test_marks_come_back_as_they_were_and_again_changes_nothing(charges, monkeypatch):
    monkeypatch.setattr(mark_backfill, "AT_ONCE", 2)
    forget()
    assert mark_charges().charges == 3
    assert marks() == charges
    assert all(any(found) for found in charges.values())
    assert mark_charges().charges == 0


def test_an_erased_driver_is_not_marked_again(charges, company):
    driver = User.objects.create_user("driver@example.org")
    receipt = Receipt.objects.first()
    claim_receipt(public_id=receipt.public_id, driver=driver, now=NOW)
    erase_driver(driver=driver, now=NOW)
    forget()
    mark_charges()
    assert marks() == charges | {receipt.session_id: [None, None, None]}


def test_a_session_without_a_cdr_is_marked_from_what_was_sent(peer, company):
    peer("put", "locations/BE/BEC/LOC1", example("location_example"))
    body = session()
    path = f"sessions/{body['country_code']}/{body['party_id']}/{body['id']}"
    assert peer("put", path, body).status_code == 201
    before = marks()
    assert len(before) == 1
    forget()
    assert mark_charges().charges == 1
    assert marks() == before


def test_the_record_that_replaced_a_marked_one_has_its_marks(charges):
    first = Session.objects.order_by("pk").first()
    Session.objects.filter(pk=first.pk).update(final=False, voided_at=NOW)
    later = Session.objects.get(pk=first.pk)
    later.pk, later.voided_at, later.replaces = None, None, first
    later.save(force_insert=True)
    forget()
    assert mark_charges().charges == 4
    assert marks()[later.pk] == charges[first.pk]


def test_what_cannot_be_read_any_more_is_counted(charges, settings):
    forget()
    settings.CHARGING_TOKEN_KEY = "another key"
    out = StringIO()
    call_command("mark_charges", "--json", stdout=out)
    assert json.loads(out.getvalue()) == {"charges": 0, "unreadable": 3}
