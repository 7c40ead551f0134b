"""What proves a block's content is read from the store, without the machine, at any block."""

import pytest

from ledger.chain import layout
from ledger.chain.state_proof import StateReader
from ledger.chain.store import SQLiteStore
from ledger.domain.keccak import keccak256
from ledger.domain.proof import trie
from ledger.domain.proof.block import parse_account, seal_digest, signers_of
from ledger.errors import ChainCorrupt, ChainMissing
from tests.ledger.chain.chains import (
    ALICE,
    CHAIN_ID,
    Clock,
    issue,
    open_writer,
    retire,
    settle,
    token,
)

pytestmark = pytest.mark.once


def used(amount):
    return retire(ALICE, token(), amount)


@pytest.fixture(scope="module")
def chain(tmp_path_factory):
    """Blocks 2 to 4: an issuance, and two settlements of it."""
    directory, clock = tmp_path_factory.mktemp("chain"), Clock()
    with open_writer(directory) as writer:
        for sequence, call in enumerate((issue(), settle(used(100)), settle(used(200))), start=1):
            raw = writer.prepare(sequence, writer.next_nonce(), call).raw
            [outcome] = writer.submit([raw], clock())
            assert outcome.success, outcome.reason
        yield directory, writer


@pytest.fixture
def read(chain):
    directory, writer = chain
    stores = []

    def at(number):
        stores.append(SQLiteStore(directory / "chain.sqlite3", writable=False))
        return StateReader(stores[-1], writer.block(number).hash)

    yield at
    for store in stores:
        store.close()


def contract(reader, writer):
    return reader.batch_roots_address(writer._contracts.certificates)


def test_the_batch_roots_are_found_in_the_certificate_contract_s_code(chain, read):
    assert contract(read(4), chain[1]) == chain[1]._contracts.roots


@pytest.mark.parametrize(("sequence", "first_block"), [(2, 3), (3, 4)])
def test_a_batch_root_is_proven_in_its_block_and_all_later_ones(chain, read, sequence, first_block):
    values = set()
    for number in range(first_block, 5):
        reader = read(number)
        address = contract(reader, chain[1])
        nodes, account = reader.account(address)
        root, encoded = trie.prove(nodes, keccak256(address))
        assert root == reader.block.parsed.state_root
        assert parse_account(encoded) == account
        key = layout.trie_key(layout.root_slot(sequence))
        storage_root, value = trie.prove(reader.batch_root(account, sequence), key)
        assert storage_root == account.storage_root
        values.add(value)
    assert len(values) == 1


def test_a_root_that_is_not_settled_yet_is_not_proven(chain, read):
    reader = read(3)
    _, account = reader.account(contract(reader, chain[1]))
    with pytest.raises(ChainCorrupt, match="not in the trie"):
        reader.batch_root(account, 3)


def test_header_and_seal_are_those_of_the_block(chain, read):
    block, facts = read(4).block, chain[1].block(4)
    assert keccak256(block.header) == facts.hash
    assert (block.parsed.number, block.parsed.state_root) == (4, facts.state_root)
    digest = seal_digest(
        chain_id=CHAIN_ID, genesis_hash=chain[1].block(0).hash, number=4, block_hash=facts.hash
    )
    assert signers_of(digest=digest, seal=block.seal) == [block.parsed.coinbase]


def test_a_block_that_is_not_there_or_not_sealed_is_missing(chain, read):
    for unknown in (bytes(32), chain[1].block(0).hash):
        store = SQLiteStore(chain[0] / "chain.sqlite3", writable=False)
        with pytest.raises(ChainMissing):
            StateReader(store, unknown)
        store.close()
