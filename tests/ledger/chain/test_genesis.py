"""The committed genesis: its hash never changes, and its contracts are the public ones."""

import pytest
import rlp
from eth.vm.forks.cancun import constants as cancun
from eth.vm.forks.prague import constants as prague
from eth_keys.datatypes import Signature

from ledger.chain import genesis
from ledger.chain.codec import created_address
from ledger.chain.engine import Engine
from ledger.chain.store import MemoryStore
from ledger.domain.keccak import keccak256
from ledger.errors import ChainCorrupt, ChainMissing
from tests.ledger.chain.chains import CHAIN_ID

GENESIS_HASH = "d342347943f9e053ebb4c5cc45022e9b4e76053755428003fc1c3a0123af4479"
REQUESTS = (
    prague.WITHDRAWAL_REQUEST_PREDEPLOY_ADDRESS,
    prague.CONSOLIDATION_REQUEST_PREDEPLOY_ADDRESS,
)
SYSTEM_CONTRACTS = {
    cancun.BEACON_ROOTS_ADDRESS,
    prague.HISTORY_STORAGE_ADDRESS,
    *REQUESTS,
}
# The transactions that EIP-7002 and EIP-7251 (as first published) give: nonce, gas price, gas
# and s of a signature with r = 0x539, whose signer creates the contract. The EIPs' start code
# sets slot 0 and returns the code that follows it.
INHIBIT = b"\x7f" + b"\xff" * 32 + bytes.fromhex("5f5561")
RETURN = bytes.fromhex("80602d5f395ff3")
PUBLISHED = {
    prague.WITHDRAWAL_REQUEST_PREDEPLOY_ADDRESS: (
        0x5FEEB084551E4E03A3581E269BC2EA2F8D0008,
        prague.WITHDRAWAL_REQUEST_PREDEPLOY_ADDRESS,
    ),
    prague.CONSOLIDATION_REQUEST_PREDEPLOY_ADDRESS: (
        0x332601EF36AA2CE9,
        bytes.fromhex("00431f263ce400f4455c2dcf564e53007ca4bbbb"),
    ),
}


@pytest.fixture
def engine() -> Engine:
    founded = Engine(MemoryStore(), chain_id=CHAIN_ID)
    founded.found()
    return founded


def test_the_genesis_hash_is_the_committed_one(engine: Engine) -> None:
    assert engine.head().hash.hex() == engine.genesis_hash.hex() == GENESIS_HASH


def test_the_header_is_post_merge_with_a_fixed_gas_limit_and_no_fee(engine: Engine) -> None:
    header = engine.head()
    assert (header.difficulty, header.nonce, header.base_fee_per_gas) == (0, bytes(8), 0)
    assert header.gas_limit == 1 << 40
    assert len(header.extra_data) <= 32
    assert header.parent_beacon_block_root == bytes(32)


def test_it_holds_the_four_system_contracts_and_nobody_else() -> None:
    state = genesis.state()
    assert set(state) == SYSTEM_CONTRACTS
    assert all((each["balance"], each["nonce"]) == (0, 1) for each in state.values())


def test_the_two_contracts_that_py_evm_knows_are_the_same() -> None:
    state = genesis.state()
    assert state[cancun.BEACON_ROOTS_ADDRESS]["code"] == cancun.BEACON_ROOTS_CONTRACT_CODE
    assert state[prague.HISTORY_STORAGE_ADDRESS]["code"] == prague.HISTORY_STORAGE_CONTRACT_CODE


@pytest.mark.parametrize("address", PUBLISHED, ids=["EIP-7002", "EIP-7251"])
def test_the_published_transaction_creates_the_request_contract(address: bytes) -> None:
    s, created = PUBLISHED[address]
    code = genesis.state()[address]["code"]
    start = INHIBIT + len(code).to_bytes(2, "big") + RETURN + code
    digest = keccak256(rlp.encode([0, 0xE8D4A51000, 0x3D090, b"", 0, start]))
    signer = Signature(vrs=(0, 0x539, s)).recover_public_key_from_msg_hash(digest)
    assert created_address(signer.to_canonical_address(), 0) == created


def test_a_block_leaves_its_parents_in_the_system_contracts(engine: Engine) -> None:
    engine.seal_block(transactions=[], timestamp=1_700_000_000, sealer=b"\x01" * 32)
    engine.seal_block(transactions=[], timestamp=1_700_000_001, sealer=b"\x01" * 32)
    head = engine.head()
    asked = head.timestamp.to_bytes(32, "big")
    answer = engine.call(at=head, to=cancun.BEACON_ROOTS_ADDRESS, data=asked)
    assert answer == head.parent_beacon_block_root != bytes(32)
    asked = (1).to_bytes(32, "big")
    answer = engine.call(at=head, to=prague.HISTORY_STORAGE_ADDRESS, data=asked)
    assert answer == engine.header(1).hash


@pytest.mark.parametrize("address", REQUESTS, ids=["EIP-7002", "EIP-7251"])
def test_the_request_contracts_answer_the_smallest_fee(engine: Engine, address: bytes) -> None:
    engine.seal_block(transactions=[], timestamp=1_700_000_000, sealer=b"\x01" * 32)
    assert engine.call(at=engine.head(), to=address, data=b"") == (1).to_bytes(32, "big")


def test_a_store_with_another_genesis_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    store = MemoryStore()
    other = genesis.parameters() | {"timestamp": 1}
    with monkeypatch.context() as patch:
        patch.setattr(genesis, "parameters", lambda: other)
        Engine(store, chain_id=CHAIN_ID).found()
    with pytest.raises(ChainCorrupt, match="genesis"):
        Engine(store, chain_id=CHAIN_ID).found()


def test_an_empty_store_has_no_head() -> None:
    with pytest.raises(ChainMissing):
        Engine(MemoryStore(), chain_id=CHAIN_ID).head()
