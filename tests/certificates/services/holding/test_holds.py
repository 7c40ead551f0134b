"""Lock, reserve, release and withdraw: guarded by state, once per key, in the log."""

import pytest

from certificates.errors import HoldingRefused
from certificates.models import SubAccount
from certificates.queries.holding.holdings import held_wh, holdings
from certificates.queries.readings.mass_balance import mass_balance
from certificates.services.holding.holds import Change, change_state
from certificates.services.holding.transfer import transfer
from ledger.chain.memory import MemoryChain
from ledger.errors import KeyReused, Overdrawn
from ledger.models import AuditEvent, OutboxItem
from ledger.services.reconciliation import compare
from ledger.services.settlement import sweep
from tests.certificates.conftest import NOW
from tests.certificates.services.issuing.test_corrections import YEAR


@pytest.fixture
def asset(device, produce):
    produce("1", "2")
    return holdings(device.organisation)[0].asset_id


def do(event, farm, asset, wh, state="", key=""):
    change = Change(event, farm, {asset: wh}, state)
    return change_state(change=change, key=key or f"{event}:{wh}", now=NOW, reason="audit")


def test_what_is_locked_is_neither_transferred_nor_matched(farm, company, asset):
    do("lock", farm, asset, 700)
    assert held_wh(farm) == 2_300
    with pytest.raises(Overdrawn):
        transfer(key="t", source=farm, destination=company, amounts={asset: 301}, now=NOW)
    do("unlock", farm, asset, 700)
    assert held_wh(farm) == 3_000
    assert AuditEvent.objects.filter(action="certificates.lock").get().detail["reason"] == "audit"


def test_what_is_reserved_cannot_be_locked_but_released_or_withdrawn(device, farm, asset):
    do("reserve", farm, asset, 500)
    with pytest.raises(HoldingRefused, match="Only active certificates are locked"):
        do("lock", farm, asset, 100, state="reserved")
    do("release", farm, asset, 200)
    do("withdraw", farm, asset, 300, state="reserved")
    row = mass_balance(device, *YEAR)[0]
    assert (row.held_wh, row.withdrawn_wh, row.corrected_wh) == (700, 300, 0)
    assert row.is_balanced


@pytest.mark.parametrize("event", ["cancel", "claim", "expire", "transfer"])
def test_acts_of_their_own_are_not_done_here(farm, asset, event):
    with pytest.raises(HoldingRefused, match="an act of its own"):
        do(event, farm, asset, 10)


@pytest.mark.parametrize("wh", [0, -1, 1_001])
def test_an_amount_that_is_not_there_is_named(farm, asset, wh):
    with pytest.raises(HoldingRefused):
        do("lock", farm, asset, wh)


def test_once_per_key(farm, asset):
    first = do("lock", farm, asset, 600, key="k")
    assert do("lock", farm, asset, 600, key="k") == first
    assert held_wh(farm) == 2_400
    with pytest.raises(KeyReused):
        do("lock", farm, asset, 100, key="k")
    assert AuditEvent.objects.filter(action="certificates.lock").count() == 1
    assert SubAccount.objects.count() == 1


def test_book_and_chain_agree_on_what_is_set_aside_and_withdrawn(farm, asset):
    do("lock", farm, asset, 300)
    do("reserve", farm, asset, 200)
    do("withdraw", farm, asset, 50, state="locked")
    chain = MemoryChain(chain_id=202611, registry_id=1)
    sweep(chain=chain, clock=lambda: NOW)
    assert compare(chain).differences == ()
    assert not OutboxItem.objects.exclude(status="certified").exists()
