from ledger.contracts.storage import (
    balance_slot,
    batch_root_slot,
    lot_slot,
    next_sequence_slot,
    odometer_slot,
)
from ledger.domain.counters import Counters
from ledger.domain.token_id import BOTH, lot_of
from tests.ledger.contracts.examples import (
    CITY,
    DEVICE,
    OWNER,
    address,
    counters,
    entry,
    issue,
    settle,
    token,
)


def test_every_slot_is_where_the_contract_keeps_it(evm):
    evm.operate(issue(token(1), (OWNER, 7)))
    evm.operate(issue(token(0), (OWNER, 900), (CITY, 100)))
    evm.operate(settle(entry(CITY, token(0), 30)))
    assert evm.storage(balance_slot(address(CITY), token(0))) == 70
    assert evm.storage(balance_slot(address(OWNER), token(0))) == 900
    assert evm.storage(odometer_slot(DEVICE)) == 1_007
    assert evm.storage(next_sequence_slot()) == 4
    word = evm.storage(lot_slot(lot_of(token(0))))
    assert Counters.from_word(word) == Counters(1_000, 30, 30, 0, 0, 7, BOTH)
    assert Counters.from_word(word) == Counters(*counters(evm, token(0)))
    root = evm.storage(batch_root_slot(3), evm.deployment.roots_address)
    assert root.to_bytes(32, "big") == evm.facts[-1].root
