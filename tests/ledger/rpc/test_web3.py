"""web3.py, which knows nothing of us, reads the chain over a socket and checks it."""

from typing import Any

import pytest
import rlp
from eth_abi import decode
from hexbytes import HexBytes
from trie import HexaryTrie
from web3 import Web3
from web3.exceptions import (
    BlockNotFound,
    ContractLogicError,
    TransactionNotFound,
)

from ledger.chain import layout
from ledger.chain.codec import call_data
from ledger.domain.custody import custody_address
from ledger.domain.keccak import keccak256
from tests.ledger.chain.chains import ALICE, BOB, CHAIN_ID, DEVICE, REGISTRY_ID, token
from tests.ledger.rpc.chain import URI, Story

NOWHERE = "0x" + "11" * 20


@pytest.fixture
def web3(url: str) -> Any:
    provider = Web3.HTTPProvider(url, session=None)
    yield Web3(provider)
    for session in provider._request_session_manager.session_cache._data.values():
        session.close()


@pytest.fixture
def contract(web3: Any, story: Story) -> Any:
    address = Web3.to_checksum_address(story.certificates)
    return web3.eth.contract(address=address, abi=layout.artefact("Certificates")["abi"])


def holder(account: Any) -> str:
    return Web3.to_checksum_address(custody_address(CHAIN_ID, REGISTRY_ID, account))


def test_a_balance_and_where_the_metadata_are(contract: Any) -> None:
    assert contract.functions.balanceOf(holder(ALICE), token()).call() == 450
    assert contract.functions.balanceOf(holder(ALICE), token()).call(block_identifier=2) == 600
    assert contract.functions.balanceOfBatch([holder(BOB)], [token()]).call() == [393]
    assert contract.functions.uri(token()).call() == URI
    assert contract.functions.supportsInterface("0xd9b67a26").call() is True


def test_retirements_are_listed_from_logs(contract: Any, story: Story) -> None:
    listed = contract.events.Retired.get_logs(from_block=0, to_block="latest")
    assert [(each.args.account, each.args.amount, each.args.count) for each in listed] == [
        (holder(ALICE), 150, 2),
        (holder(BOB), 7, 1),
    ]
    assert {each.args.id for each in listed} == {token()}
    assert listed[0].args.fromRenewable == 0
    assert listed[1].args.fromRenewable == 150
    mine = contract.events.Retired.get_logs(from_block=0, argument_filters={"account": holder(BOB)})
    assert [each.transactionHash for each in mine] == [HexBytes(story.retired[1].hash)]


def test_an_accounts_and_a_storage_proof_follow_from_the_block(web3: Any, story: Story) -> None:
    slots = [layout.odometer_slot(DEVICE), layout.base_slot("nextSequence"), 12345]
    address = Web3.to_checksum_address(story.certificates)
    proof = web3.eth.get_proof(address, slots, "latest")
    root = web3.eth.get_block("latest").stateRoot
    nodes = [rlp.decode(bytes(node)) for node in proof.accountProof]
    account = HexaryTrie.get_from_proof(bytes(root), keccak256(bytes.fromhex(address[2:])), nodes)
    nonce, balance, storage, code = rlp.decode(account)
    assert (int.from_bytes(nonce, "big"), int.from_bytes(balance, "big")) == (
        proof.nonce,
        proof.balance,
    )
    assert (storage, code) == (bytes(proof.storageHash), bytes(proof.codeHash))
    assert code == keccak256(bytes(web3.eth.get_code(address)))
    values = []
    for slot, each in zip(slots, proof.storageProof, strict=True):
        nodes = [rlp.decode(bytes(node)) for node in each.proof]
        found = HexaryTrie.get_from_proof(storage, keccak256(slot.to_bytes(32, "big")), nodes)
        values.append(int.from_bytes(rlp.decode(found) if found else b"", "big"))
        assert values[-1] == int(each.value.hex() or "0", 16)
    assert values == [1000, 4, 0]


def test_a_blocks_hash_is_that_of_its_header(web3: Any) -> None:
    """The header is put together again from the answer, as a light client would."""
    for number in range(6):
        block = web3.eth.get_block(number)
        fields = [
            bytes(block.parentHash), bytes(block.sha3Uncles), bytes.fromhex(block.miner[2:]),
            bytes(block.stateRoot), bytes(block.transactionsRoot), bytes(block.receiptsRoot),
            bytes(block.logsBloom), block.difficulty, block.number, block.gasLimit, block.gasUsed,
            block.timestamp, bytes(block.extraData), bytes(block.mixHash), bytes(block.nonce),
            block.baseFeePerGas, bytes(block.withdrawalsRoot), block.blobGasUsed,
            block.excessBlobGas, bytes(block.parentBeaconBlockRoot), bytes(block.requestsHash),
        ]  # fmt: skip
        assert keccak256(rlp.encode(fields)) == bytes(block.hash)


@pytest.mark.django_db(transaction=True)
def test_transactions_and_receipts(web3: Any, story: Story) -> None:
    sent = web3.eth.get_transaction(story.issued.hash)
    assert (sent.blockNumber, sent.chainId, sent.value) == (2, CHAIN_ID, 0)
    receipt = web3.eth.get_transaction_receipt(story.issued.hash)
    assert (receipt.status, receipt.blockNumber) == (1, 2)
    assert web3.eth.get_transaction_receipt(story.refused.hash).status == 0
    assert len(web3.eth.get_block_receipts(4)) == 2
    assert web3.eth.get_block_transaction_count(4) == 2
    assert web3.eth.get_transaction_by_block(4, 1).hash == HexBytes(story.retired[1].hash)
    with pytest.raises(TransactionNotFound):
        web3.eth.get_transaction(bytes(32))
    with pytest.raises(BlockNotFound):
        web3.eth.get_block(6)


def test_the_receipt_of_a_settlement_holds_the_batch_root(
    contract: Any, web3: Any, story: Story
) -> None:
    receipt = web3.eth.get_transaction_receipt(story.retired[0].hash)
    (settled,) = contract.events.Settled().process_receipt(receipt, errors=_discard())
    roots = web3.eth.contract(
        address=contract.functions.batchRoots().call(),
        abi=layout.artefact("BatchRoots")["abi"],
    )
    assert roots.functions.roots(settled.args.batch).call() == settled.args.root


def _discard() -> Any:
    from web3.logs import DISCARD

    return DISCARD


def test_fees_and_the_state_of_the_server(web3: Any) -> None:
    assert web3.is_connected()
    assert web3.eth.chain_id == CHAIN_ID
    assert web3.net.version == str(CHAIN_ID)
    assert web3.eth.syncing is False
    assert list(web3.eth.accounts) == []
    assert (web3.eth.gas_price, web3.eth.max_priority_fee) == (0, 0)
    history = web3.eth.fee_history(3, "latest", [50])
    assert history.baseFeePerGas == [0, 0, 0, 0]
    assert web3.eth.get_balance(NOWHERE) == 0


def test_a_refused_call_raises_the_contracts_reason(contract: Any) -> None:
    with pytest.raises(ContractLogicError) as caught:
        contract.functions.pause().call({"from": NOWHERE})
    assert "role" in str(caught.value)
    assert decode(["string"], bytes.fromhex(caught.value.data[10:])) == ("role",)
    with pytest.raises(ContractLogicError, match="role"):
        contract.functions.pause().estimate_gas({"from": NOWHERE})


def test_an_estimate_and_an_access_list(contract: Any, web3: Any, story: Story) -> None:
    act = contract.functions.setApprovalForAll(NOWHERE, True)
    assert 21_000 < act.estimate_gas({"from": NOWHERE}) < 100_000
    call = {"to": contract.address, "data": call_data("odometer(uint256)", DEVICE)}
    listed = web3.eth.create_access_list(call | {"from": NOWHERE})
    assert listed.accessList[0].address == contract.address


def test_a_batch(web3: Any) -> None:
    with web3.batch_requests() as batch:
        batch.add(web3.eth.get_block(1))
        batch.add(web3.eth.get_block("latest"))
        first, last = batch.execute()
    assert (first.number, last.number) == (1, 5)


def test_many_threads_at_once_read_one_chain(web3: Any) -> None:
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(12) as threads:
        heads = list(threads.map(lambda _: web3.eth.get_block("latest").number, range(48)))
    assert set(heads) == {5}
