"""Certificates are retired once, for one beneficiary."""

import hashlib
from dataclasses import replace

import pytest

from certificates.errors import RetirementRefused
from certificates.models import Retirement
from certificates.queries.holding.holdings import held_wh
from certificates.services.holding.retirement import retire_many, undo
from ledger.errors import AlreadySettled, KeyReused, Overdrawn
from ledger.models import OutboxItem


def test_retired_wh_leave_the_holder_and_wait_for_settlement(request_for, device, now):
    (pk,) = retire_many(requests=[request_for("retire:a", 400)], now=now)
    retirement = Retirement.objects.get(pk=pk)
    assert (retirement.amount_wh, retirement.reference) == (400, "retire:a")
    assert held_wh(device.organisation) == 2600
    item = OutboxItem.objects.get(entry=retirement.entry)
    assert (item.kind, item.status) == ("settle", "pending")
    assert bytes(item.digest) == hashlib.sha256(b"retire:a").digest()


def test_retiring_twice_with_one_key_changes_nothing(request_for, now):
    first = retire_many(requests=[request_for("a", 400), request_for("b", 100)], now=now)
    again = retire_many(
        requests=[request_for("b", 100), request_for("a", 400), request_for("c", 1)], now=now
    )
    assert again[:2] == first[::-1]
    assert Retirement.objects.count() == 3


def test_one_key_with_another_amount_is_refused(request_for, now):
    retire_many(requests=[request_for("a", 400)], now=now)
    with pytest.raises(KeyReused):
        retire_many(requests=[request_for("a", 401)], now=now)


def test_more_than_is_held_retires_nothing_of_the_bulk(request_for, device, now):
    with pytest.raises(Overdrawn):
        retire_many(requests=[request_for("a", 600), request_for("b", 600)], now=now)
    assert not Retirement.objects.exists()
    assert held_wh(device.organisation) == 3000


@pytest.mark.parametrize(
    "changes",
    [
        {"amount_wh": 0},
        {"amount_wh": -5},
        {"commitment": b"short"},
        {"beneficiary_type": "nobody"},
    ],
)
def test_an_impossible_retirement_is_refused(changes, request_for, now):
    with pytest.raises(RetirementRefused):
        retire_many(requests=[replace(request_for("a", 1), **changes)], now=now)


def test_a_consumption_of_no_time_is_refused(request_for, now):
    request = request_for("a", 1)
    backwards = replace(request, consumption_ends_at=request.consumption_starts_at)
    with pytest.raises(RetirementRefused, match="ends before"):
        retire_many(requests=[backwards], now=now)


def test_before_settlement_a_retirement_can_be_undone(request_for, device, now):
    (pk,) = retire_many(requests=[request_for("a", 400)], now=now)
    undo(retirement=Retirement.objects.get(pk=pk), now=now)
    assert held_wh(device.organisation) == 3000
    assert OutboxItem.objects.get(entry__key="a").status == "undone"


def test_once_settled_it_stays(request_for, device, now, send):
    (pk,) = retire_many(requests=[request_for("a", 400)], now=now)
    retirement = Retirement.objects.get(pk=pk)
    send(retirement.entry_id)
    with pytest.raises(AlreadySettled):
        undo(retirement=retirement, now=now)
    assert held_wh(device.organisation) == 2600
