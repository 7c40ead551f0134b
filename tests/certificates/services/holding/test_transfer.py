"""Certificates move between holders, all or none, once per key."""

import pytest

from certificates.errors import TransferRefused
from certificates.queries.holding.holdings import held_wh, holdings
from certificates.services.holding.transfer import transfer
from ledger.errors import Overdrawn
from ledger.models import AuditEvent, OutboxItem


@pytest.fixture
def assets(device, produce):
    produce("1", "2")
    return [row.asset_id for row in holdings(device.organisation)]


def test_a_transfer_moves_each_amount_once(device, company, assets, now):
    amounts = {assets[0]: 1000, assets[1]: 500}
    sold = {"key": "t", "source": device.organisation, "destination": company}
    first = transfer(**sold, amounts=amounts, now=now)
    assert transfer(**sold, amounts=amounts, now=now) == first
    assert (held_wh(company), held_wh(device.organisation)) == (1500, 1500)
    assert AuditEvent.objects.filter(action="certificates.transferred").count() == 1
    assert OutboxItem.objects.get(entry=first).kind == "transfer"


def test_more_than_is_held_moves_nothing(device, company, assets, now):
    with pytest.raises(Overdrawn):
        transfer(
            key="t",
            source=device.organisation,
            destination=company,
            amounts={assets[0]: 1, assets[1]: 2001},
            now=now,
        )
    assert held_wh(company) == 0


@pytest.mark.parametrize("amount", [0, -1])
def test_an_amount_is_positive(amount, device, company, assets, now):
    with pytest.raises(TransferRefused, match="positive"):
        transfer(
            key="t",
            source=device.organisation,
            destination=company,
            amounts={assets[0]: amount},
            now=now,
        )


def test_only_certificates_between_two_holders_are_moved(device, company, assets, now):
    with pytest.raises(TransferRefused, match="to itself"):
        transfer(key="t", source=company, destination=company, amounts={assets[0]: 1}, now=now)
    with pytest.raises(TransferRefused, match="no certificates"):
        transfer(
            key="t",
            source=device.organisation,
            destination=company,
            amounts={10**9: 1},
            now=now,
        )
