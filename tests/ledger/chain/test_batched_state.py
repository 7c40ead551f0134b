"""Whole chains over both kinds of trie: every header is the same."""

from eth_keys.datatypes import PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.chain.batched_state import BatchedState
from ledger.chain.codec import created_address
from ledger.chain.engine import Engine
from ledger.chain.store import MemoryStore
from ledger.chain.vm import LedgerVM, StockVM
from tests.ledger.chain.chains import CHAIN_ID

SEALER, OPERATOR = b"\x01" * 32, b"\x02" * 32
CONTRACT = created_address(PrivateKey(OPERATOR).public_key.to_canonical_address(), 0)
# Stores the second word of its calldata under the first; reverts when the third is not zero.
RUNTIME = bytes.fromhex("6020355f3555604035156010575f5ffd5b00")
START = bytes.fromhex("60") + bytes([len(RUNTIME)]) + bytes.fromhex("600a5f3960")
CREATION = START + bytes([len(RUNTIME)]) + bytes.fromhex("5ff3") + RUNTIME

SLOTS = st.one_of(st.integers(0, 12), st.integers(0, 2**256 - 1))
VALUES = st.one_of(st.just(0), st.integers(1, 3), st.integers(0, 2**256 - 1))
WRITES = st.tuples(SLOTS, VALUES, st.sampled_from([0, 0, 0, 1]))


def write(slot: int, value: int, reverts: int) -> tuple[bytes, bytes]:
    return CONTRACT, b"".join(word.to_bytes(32, "big") for word in (slot, value, reverts))


def grown(blocks: list[list[tuple[int, int, int]]], *, stock: bool) -> Engine:
    """A chain whose blocks write these slots; the third number makes a call revert."""
    engine, nonce = Engine(MemoryStore(), chain_id=CHAIN_ID, stock=stock), 0
    contents = [[(b"", CREATION)], *([write(*each) for each in block] for block in blocks)]
    engine.found()
    for number, calls in enumerate(contents):
        transactions = []
        for to, data in calls:
            raw = engine.sign(private_key=OPERATOR, nonce=nonce, to=to, data=data)
            transactions.append(engine.decode(raw))
            nonce += 1
        engine.seal_block(
            transactions=transactions, timestamp=1_700_000_000 + number, sealer=SEALER
        )
    return engine


@settings(max_examples=15, deadline=None)
@given(blocks=st.lists(st.lists(WRITES, max_size=5), max_size=4))
def test_both_kinds_of_trie_lead_to_the_same_blocks(
    blocks: list[list[tuple[int, int, int]]],
) -> None:
    batched, stock = grown(blocks, stock=False), grown(blocks, stock=True)
    for number in range(len(blocks) + 2):
        assert batched.header(number) == stock.header(number)
    expected = {slot: value for block in blocks for slot, value, reverts in block if not reverts}
    state = batched.state(batched.head())
    assert {slot: state.get_storage(CONTRACT, slot) for slot in expected} == expected


def test_the_chain_runs_on_batched_tries_unless_switched_back() -> None:
    assert issubclass(LedgerVM._state_class, BatchedState)
    assert not issubclass(StockVM._state_class, BatchedState)
