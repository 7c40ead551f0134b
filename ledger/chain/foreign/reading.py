"""What the node says of blocks, receipts and the contract, checked for form before it counts."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from ledger.chain import codec
from ledger.chain.foreign.client import Node, NodeRefused
from ledger.chain.foreign.forms import ADDRESS_BYTES, WORD, data, encoded, quantity
from ledger.chain.foreign.network_forms import encode_header, encode_transaction
from ledger.chain.port import BlockFacts, Outcome
from ledger.domain.calls import BatchSettled, EntryRetired, Fact
from ledger.domain.keccak import keccak256
from ledger.domain.sum_tree import batch_root, entry_hash
from ledger.errors import ChainMissing

T = TypeVar("T")
# A reverted call's text: Error(string), wherever in its answer the node puts it.
REVERT_DATA = re.compile(r"0x08c379a0((?:[0-9a-f]{2})*)", re.IGNORECASE)
REVERT_WORDS = re.compile(r"(?:reverted|revert)(?: with reason string)?[:,]?\s+'?([^']+?)'?$")
BLOCKS_AT_ONCE = 2_000
OUT_OF_GAS = "out of gas"
REPEATED = {"from": "from", "to": "to", "data": "input", "gas": "gas"}
REVERTED = 3  # the error code of a reverted call


@dataclass(frozen=True, slots=True)
class Log:
    """A log as the codec wants it: topics as numbers."""

    address: bytes
    topics: tuple[int, ...]
    data: bytes
    index: int  # among the block's
    transaction: bytes
    block_number: int


@dataclass(frozen=True, slots=True)
class Sent:
    """A transaction as the network has it; `to` is empty where it created a contract.

    `raw` is what hashes to its hash, or empty for a type that is not known here.
    """

    sender: bytes
    nonce: int
    to: bytes
    data: bytes
    raw: bytes


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of a transaction, in the block that this node has at that height now."""

    hash: bytes
    block_number: int
    block_hash: bytes
    success: bool
    gas_used: int
    logs: tuple[Log, ...]


class Reader:
    """Reads of one node. Each raises ChainUnreachable when it cannot be had."""

    def __init__(self, node: Node) -> None:
        self.node = node

    def chain_id(self) -> int:
        return self._read("the chain id", quantity, self.node.ask("eth_chainId"))

    def block(self, at: int | str) -> BlockFacts:
        """A block by its number or tag. Raises: ChainMissing when there is none."""
        where = encoded(at) if isinstance(at, int) else at
        answer = self._asked("eth_getBlockByNumber", where, False)
        if answer is None:
            raise ChainMissing(f"There is no block {at}.")
        facts = self._read(f"block {at}", _block, answer)
        if isinstance(at, int) and facts.number != at:
            raise self.node.nonsense(f"block {facts.number} for block {at}")
        return facts

    def header(self, number: int) -> bytes:
        """A block's header as it is hashed. Raises: ChainMissing when there is none."""
        answer = self._asked("eth_getBlockByNumber", encoded(number), False)
        if answer is None:
            raise ChainMissing(f"There is no block {number}.")
        return self._read(f"block {number}", encode_header, answer)

    def base_fee(self) -> int:
        """Of the newest block, in wei per gas."""
        answer = self._asked("eth_getBlockByNumber", "latest", False)
        return self._read("a block's base fee", lambda a: quantity(a["baseFeePerGas"]), answer)

    def nonce(self, address: bytes, at: int | str) -> int:
        """How many transactions an address has in the blocks up to this one."""
        where = encoded(at) if isinstance(at, int) else at
        answer = self._asked("eth_getTransactionCount", encoded(address), where)
        return self._read("a nonce", quantity, answer)

    def wealth(self, address: bytes) -> int:
        """Wei that an address has to pay fees from."""
        answer = self._asked("eth_getBalance", encoded(address), "latest")
        return self._read("a balance", quantity, answer)

    def code(self, address: bytes) -> bytes:
        answer = self._asked("eth_getCode", encoded(address), "latest")
        return self._read("a contract's code", data, answer)

    def views(self, to: bytes, at: int, calls: Sequence[tuple[str, Sequence[Any]]]) -> list[bytes]:
        """What views of a contract return after a block; a call is a signature and arguments."""
        asked = [
            {"to": encoded(to), "data": encoded(codec.call_data(signature, *arguments))}
            for signature, arguments in calls
        ]
        try:
            answers = self.node.ask_all([("eth_call", (each, encoded(at))) for each in asked])
        except NodeRefused as error:
            raise self.node.nonsense(f"a view is refused: {error}") from error
        return [self._read("what a view returns", data, each) for each in answers]

    def is_known(self, hashes: Sequence[bytes]) -> list[bool]:
        """Which transactions the node has, in its pool or in a block."""
        asked = [("eth_getTransactionByHash", (encoded(each),)) for each in hashes]
        return [answer is not None for answer in self._all(asked)]

    def receipts(self, hashes: Sequence[bytes]) -> list[Receipt | None]:
        """Of each transaction, in order; None while no block holds it."""
        asked = [("eth_getTransactionReceipt", (encoded(each),)) for each in hashes]
        found: list[Receipt | None] = []
        for digest, answer in zip(hashes, self._all(asked), strict=True):
            if answer is None or (isinstance(answer, dict) and answer.get("blockHash") is None):
                found.append(None)
                continue
            receipt = self._read("a receipt", _receipt, answer)
            if receipt.hash != digest:
                raise self.node.nonsense("the receipt of another transaction")
            found.append(receipt)
        return found

    def logs(self, address: bytes, first: int, last: int, topics: Sequence[int]) -> list[Log]:
        """Logs of a contract whose first topic is one of these, in the blocks first to last.

        Raises: NodeRefused, as nodes do where a range holds too much.
        """
        asked = {
            "address": encoded(address),
            "fromBlock": encoded(first),
            "toBlock": encoded(last),
            "topics": [[encoded(topic.to_bytes(WORD, "big")) for topic in topics]],
        }
        answer = self.node.ask("eth_getLogs", asked)
        return list(self._read("logs", lambda a: [_log(each) for each in a], answer))

    def all_logs(
        self, address: bytes, first: int, last: int, topics: Sequence[int]
    ) -> Iterator[Log]:
        """The same in order, by ranges that are halved where the node finds one too large."""
        width = BLOCKS_AT_ONCE
        while first <= last:
            end = min(first + width - 1, last)
            try:
                logs = self.logs(address, first, end, topics)
            except NodeRefused as error:
                if width == 1:
                    raise self.node.nonsense(f"eth_getLogs is refused: {error}") from error
                width //= 2
                continue
            yield from (log for log in logs if log.topics and log.address == address)
            first = end + 1

    def transaction(self, transaction_hash: bytes) -> Sent:
        """A transaction that a block holds."""
        answer = self._asked("eth_getTransactionByHash", encoded(transaction_hash))
        sent = self._read("a transaction", _sent, answer)
        if sent.raw and keccak256(sent.raw) != transaction_hash:
            raise self.node.nonsense("a transaction that does not hash to its hash")
        return sent

    def reason(self, transaction_hash: bytes, at: int) -> str:
        """Why a reverted call was refused, found by calling it again after its block.

        Behind a refused call nothing of this registry's passes in the block, since the
        sequence stays the same; so the state after the block gives the same reason.
        """
        sent = self._asked("eth_getTransactionByHash", encoded(transaction_hash))
        call = self._read("a transaction", _repeated, sent)
        try:
            self.node.ask("eth_call", call, encoded(at))
        except NodeRefused as error:
            if "revert" in f"{error} {error.data}".lower() or error.number == REVERTED:
                return revert_reason(error)
            raise self.node.nonsense(f"a call cannot be repeated: {error}") from error
        return OUT_OF_GAS

    def _asked(self, method: str, *parameters: Any) -> Any:
        try:
            return self.node.ask(method, *parameters)
        except NodeRefused as error:
            raise self.node.nonsense(f"{method} is refused: {error}") from error

    def _all(self, asked: Sequence[tuple[str, Sequence[Any]]]) -> list[Any]:
        try:
            return self.node.ask_all(asked)
        except NodeRefused as error:
            raise self.node.nonsense(f"{asked[0][0]} is refused: {error}") from error

    def _read(self, what: str, form: Callable[[Any], T], answer: Any) -> T:
        try:
            return form(answer)
        except (ValueError, KeyError, TypeError, AttributeError, IndexError) as error:
            raise self.node.nonsense(f"{what} cannot be read") from error


def outcome(receipt: Receipt, certificates: bytes, reason: str) -> Outcome:
    """A receipt as the port has it. Raises: ValueError when its facts contradict each other."""
    facts: list[Fact] = []
    if receipt.success:
        facts = codec.decode_events(receipt.logs, certificates)
        check_root(facts)
    return Outcome(
        hash=receipt.hash,
        block_number=receipt.block_number,
        success=receipt.success,
        reason="" if receipt.success else reason,
        facts=tuple(facts),
    )


def check_root(facts: Sequence[Fact]) -> None:
    """The entries of a settlement hash to the root stated beside them. Raises: ValueError."""
    entries = [fact for fact in facts if isinstance(fact, EntryRetired)]
    stated = [fact.root for fact in facts if isinstance(fact, BatchSettled)]
    if [fact.position for fact in entries] != list(range(len(entries))):
        raise ValueError("entries of a settlement are missing")
    if entries and stated != [batch_root([entry_hash(fact) for fact in entries])]:
        raise ValueError("a settlement's entries do not hash to its root")


def revert_reason(error: NodeRefused) -> str:
    """The contract's own words out of an error, or the node's."""
    found = REVERT_DATA.search(f"{error.data} {error}")
    if found:
        body = bytes.fromhex(found[1])
        length = int.from_bytes(body[WORD : 2 * WORD], "big")
        return body[2 * WORD : 2 * WORD + length].decode("utf-8", "replace")
    said = REVERT_WORDS.search(str(error))
    return said[1] if said else str(error)


def _block(answer: Any) -> BlockFacts:
    return BlockFacts(
        number=quantity(answer["number"]),
        hash=data(answer["hash"], WORD),
        parent_hash=data(answer["parentHash"], WORD),
        state_root=data(answer["stateRoot"], WORD),
        timestamp=quantity(answer["timestamp"]),
        seal=b"",
        transactions=tuple(data(each, WORD) for each in answer["transactions"]),
    )


def _sent(answer: Any) -> Sent:
    return Sent(
        sender=data(answer["from"], ADDRESS_BYTES),
        nonce=quantity(answer["nonce"]),
        to=data(answer["to"], ADDRESS_BYTES) if answer["to"] else b"",
        data=data(answer["input"]),
        raw=encode_transaction(answer),
    )


def _repeated(sent: Any) -> dict[str, str]:
    return {name: sent[given] for name, given in REPEATED.items() if sent.get(given)}


def _receipt(answer: Any) -> Receipt:
    return Receipt(
        hash=data(answer["transactionHash"], WORD),
        block_number=quantity(answer["blockNumber"]),
        block_hash=data(answer["blockHash"], WORD),
        success=quantity(answer["status"]) == 1,
        gas_used=quantity(answer["gasUsed"]),
        logs=tuple(_log(each) for each in answer["logs"]),
    )


def _log(answer: Any) -> Log:
    return Log(
        address=data(answer["address"], ADDRESS_BYTES),
        topics=tuple(int.from_bytes(data(each, WORD), "big") for each in answer["topics"]),
        data=data(answer["data"]),
        index=quantity(answer["logIndex"]),
        transaction=data(answer["transactionHash"], WORD),
        block_number=quantity(answer["blockNumber"]),
    )
