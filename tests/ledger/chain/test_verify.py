"""Re-execution finds the first thing that does not follow, whatever was altered."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import rlp
from eth.db.schema import SchemaV1

from ledger.chain import seal
from ledger.chain.engine import REASON_KEY, SEAL_KEY, Engine
from ledger.chain.store import SQLiteStore
from ledger.chain.verify import Report, verify
from tests.ledger.chain.chains import (
    ALICE,
    BOB,
    CHAIN_ID,
    Clock,
    issue,
    key_ring,
    open_engine,
    open_writer,
    retire,
    settle,
    token,
)

BLOCKS = 5


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Creation, issuance, two settlements, of which one reverts, and another issuance."""
    directory, clock = tmp_path_factory.mktemp("original"), Clock()
    calls = [
        issue(),
        settle(retire(ALICE, token(), 1, 2), retire(BOB, token(), 3)),
        settle(retire(ALICE, token(), 5000)),
        issue(60),
    ]
    with open_writer(directory) as chain:
        for call in calls:
            raw = chain.prepare(chain.next_sequence(), chain.next_nonce(), call).raw
            chain.submit([raw], clock())
    return directory


@pytest.fixture
def chain(original: Path, tmp_path: Path) -> Path:
    copied = tmp_path / "copy"
    shutil.copytree(original, copied)
    return copied


def check(directory: Path, **options: object) -> Report:
    store = SQLiteStore(directory / "chain.sqlite3", writable=False)
    sealers = key_ring(directory).sealers()
    try:
        return verify(store, **{"chain_id": CHAIN_ID, "sealers": sealers} | options)
    finally:
        store.close()


def put(directory: Path, key: bytes, value: bytes) -> None:
    open_engine(directory).store.write({key: value}, [])


def found(directory: Path, **options: object) -> tuple[int, str]:
    deviation = check(directory, **options).deviation
    assert deviation is not None
    return deviation.block, deviation.what


def test_an_honest_chain_follows_from_its_genesis(chain: Path) -> None:
    seen: list[tuple[int, int]] = []
    report = check(chain, progress=lambda done, total: seen.append((done, total)))
    head = open_engine(chain).head()
    assert report.deviation is None
    assert (report.blocks, report.transactions) == (BLOCKS, BLOCKS + 1)
    assert (report.head_hash, report.state_root) == (head.hash, head.state_root)
    assert report.authenticated
    assert seen == [(number, BLOCKS) for number in range(1, BLOCKS + 1)]


def test_without_known_sealers_it_is_consistent_only(chain: Path) -> None:
    report = check(chain, sealers=None)
    assert (report.deviation, report.authenticated) == (None, False)


def test_a_sealer_of_another_registry_is_a_deviation(chain: Path) -> None:
    block, what = found(chain, sealers={bytes(20)})
    assert block == 1
    assert "not of this registry" in what


def test_another_chain_id_is_a_deviation(chain: Path) -> None:
    assert found(chain, chain_id=7)[0] == 1


def row_of(number: int) -> Callable[[Engine], bytes]:
    return lambda engine: SchemaV1.make_block_number_to_hash_lookup_key(number)


def seal_row(engine: Engine) -> bytes:
    return SEAL_KEY + engine.header(3).hash


ALTERED: dict[str, tuple[Callable[[Engine], bytes], int, str]] = {
    "a header": (lambda engine: engine.header(3).hash, 3, "cannot be read"),
    "a transaction": (lambda engine: engine.header(3).transaction_root, 3, "cannot be read"),
    "a state root's node": (lambda engine: engine.header(4).state_root, 4, "row"),
    "a receipt": (lambda engine: engine.header(4).receipt_root, 4, "row"),
    "a number's hash": (row_of(2), 2, "cannot be read"),
    "the genesis": (lambda engine: engine.header(0).hash, 0, "cannot be read"),
    "a seal": (seal_row, 3, "seal"),
    "a reason": (
        lambda engine: REASON_KEY + engine.block(4).transactions[0].hash,
        4,
        "row",
    ),
}


@pytest.mark.parametrize("case", ALTERED)
def test_whatever_is_altered_in_the_store_is_found_at_its_block(chain: Path, case: str) -> None:
    row, block, words = ALTERED[case]
    key = row(open_engine(chain))
    put(chain, key, b"altered")
    deviation = found(chain)
    assert deviation[0] == block
    assert words in deviation[1]


@pytest.mark.parametrize("case", ALTERED)
def test_whatever_is_missing_from_the_store_is_found(chain: Path, case: str) -> None:
    row, block, _ = ALTERED[case]
    engine = open_engine(chain)
    engine.store.write({}, [row(engine)])
    assert found(chain)[0] == block


def test_every_single_row_of_a_hash_is_guarded(chain: Path) -> None:
    store = open_engine(chain).store
    keys = [key for (key,) in store._connection.execute("SELECT k FROM place0 ORDER BY k")]
    for key in keys[:: max(1, len(keys) // 8)]:
        value = store.get(key)
        put(chain, key, value + b"\x00")
        assert found(chain)
        put(chain, key, value)
    assert check(chain).deviation is None


def test_a_head_beyond_the_numbered_blocks_is_found(chain: Path) -> None:
    earlier = open_engine(chain).header(3).hash
    put(chain, SchemaV1.make_block_number_to_hash_lookup_key(BLOCKS), rlp.encode(earlier))
    assert found(chain) == (BLOCKS, "the head is not the last of the numbered blocks")


def test_a_seal_by_somebody_else_is_found(chain: Path) -> None:
    engine = open_engine(chain)
    header = engine.header(BLOCKS)
    forged = seal.sign(digest=engine.seal_digest(header), private_keys=[b"\x05" * 32])
    put(chain, SEAL_KEY + header.hash, forged)
    block, what = found(chain)
    assert block == BLOCKS
    assert "not by the sealer" in what


def test_a_seal_given_later_breaks_the_next_header(chain: Path) -> None:
    engine = open_engine(chain)
    key = SEAL_KEY + engine.header(3).hash
    signatures = list(rlp.decode(engine.store.get(key) or b""))
    put(chain, key, rlp.encode([*signatures, signatures[0]]))
    assert found(chain)[0] == 3


def test_a_state_that_does_not_follow_is_found_though_it_is_sealed(
    chain: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine, keys = open_engine(chain), key_ring(chain)
    parent = engine.head()
    transaction = engine.decode(
        engine.sign(private_key=keys.unlock("operator"), nonce=6, to=bytes(20), data=b"")
    )
    execute = Engine.execute

    def cheat(self: Engine, **arguments: object) -> object:
        """Executes honestly, and stores the block under a state root that suits."""
        block = execute(self, **arguments)
        header = block.header.copy(state_root=parent.state_root)
        false_block = block.copy(header=header)
        self._chain.chaindb.persist_block(false_block)
        self.database[SchemaV1.make_canonical_head_hash_lookup_key()] = header.hash
        self.database[SchemaV1.make_block_number_to_hash_lookup_key(6)] = rlp.encode(header.hash)
        return false_block

    with monkeypatch.context() as patch:
        patch.setattr(Engine, "execute", cheat)
        engine.seal_block(
            transactions=[transaction],
            timestamp=parent.timestamp + 1,
            sealer=keys.unlock("sealer"),
        )
    block, what = found(chain)
    assert block == 6
    assert what.startswith("its state_root does not follow")
