"""eth_getLogs: by block hash or range, address, and topics with nulls and alternatives."""

import sqlite3
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from typing import Any

from ledger.domain.keccak import keccak256
from ledger.errors import ChainMissing
from ledger.rpc import log_index
from ledger.rpc.deadline import Deadline
from ledger.rpc.errors import invalid_params, refused
from ledger.rpc.log_index import Content, Place
from ledger.rpc.quantities import parse_address, parse_hash, parse_quantity
from ledger.rpc.receipts import Log, decode_receipt
from ledger.rpc.snapshot import NEWEST, Snapshot
from ledger.rpc.transactions import block_of, describe_log, place_of

RANGE_BLOCKS = 100_000
RESULTS = 10_000
ALTERNATIVES = 1_000
TOPICS = 4
# One write of the index: others wait for it, and a refusal loses no more than this.
CATCH_UP_BLOCKS, CATCH_UP_SECONDS = 200, 1.0


@dataclass(frozen=True, slots=True)
class Wanted:
    """Per position (the address, then the topics) the values that match; None is any."""

    positions: tuple[frozenset[bytes] | None, ...]

    def matches(self, log: Log) -> bool:
        address, topics, _ = log
        values = (address, *topics)
        return len(self.positions) <= len(values) and all(
            allowed is None or value in allowed
            for allowed, value in zip(self.positions, values, strict=False)
        )

    def terms(self) -> list[list[int]]:
        return [
            [log_index.term(position, value) for value in sorted(allowed)]
            for position, allowed in enumerate(self.positions)
            if allowed is not None
        ]


def find(chain: Snapshot, asked: Any) -> list[dict[str, Any]]:
    """Raises: RpcRefused, which names the limit that a wide request passed."""
    if not isinstance(asked, dict):
        raise invalid_params("invalid argument 0: a filter is an object")
    wanted = Wanted((_addresses(asked.get("address")), *_topics(asked.get("topics"))))
    found: list[dict[str, Any]] = []
    try:
        with closing(_places(chain, asked, wanted)) as places:
            for place in places:
                chain.deadline.check()
                found.extend(_read(chain, place, wanted))
                if len(found) > RESULTS:
                    raise refused(
                        f"more than {RESULTS} logs match; ask for fewer blocks "
                        f"(the first {RESULTS} end in block {place.block.number})"
                    )
    except sqlite3.DatabaseError as error:
        raise refused(
            f"the index of logs cannot be read ({error}); {log_index.FILE_NAME} beside the "
            f"chain may be removed, it is made again"
        ) from error
    return found


def _search(chain: Snapshot, wanted: Wanted, first: int, last: int) -> Iterator[Place]:
    """Search the index once it reaches the last block.

    Raises: RpcRefused when the time is over before; what was indexed stays, so it may be
    asked again.
    """
    while True:
        with chain.index.reading():
            done = chain.index.last()
            if done is not None and done[0] >= last and _is_ours(chain, done):
                yield from chain.index.search(wanted.terms(), first, last)
                return
        if chain.deadline.is_over:
            number = done[0] if done else 0
            raise refused(f"the index of logs is being made: block {number} of {last}; ask again")
        chain.index.extend(partial(_next_blocks, chain))


def _next_blocks(chain: Snapshot, last: tuple[int, bytes] | None) -> Sequence[Content]:
    first = last[0] + 1 if last is not None and _is_ours(chain, last) else 0
    blocks: list[Content] = []
    slice_ends = Deadline(CATCH_UP_SECONDS)
    for number in range(first, min(first + CATCH_UP_BLOCKS, chain.head.block_number + 1)):
        if blocks and slice_ends.is_over:
            break  # at least one block a time, however large, so that it ends some day
        header = chain.require(hex(number))
        receipts = map(decode_receipt, chain.raw_receipts(header))
        hashes = map(keccak256, chain.raw_transactions(header))
        blocks.append(Content(block_of(header), list(zip(hashes, receipts, strict=True))))
    return blocks


def _is_ours(chain: Snapshot, last: tuple[int, bytes]) -> bool:
    """Whether the index was made of this chain, which may have grown beyond our head."""
    number, digest = last
    try:
        return bool(chain.engine.header(number).hash == digest)
    except ChainMissing:
        return False


def _places(chain: Snapshot, asked: dict[str, Any], wanted: Wanted) -> Generator[Place, None, None]:
    if asked.get("blockHash") is None:
        first, last = _range(chain, asked)
        yield from _search(chain, wanted, first, last)
        return
    if asked.get("fromBlock") is not None or asked.get("toBlock") is not None:
        raise invalid_params("invalid argument 0: give either blockHash, or fromBlock and toBlock")
    header = chain.header_by_hash(parse_hash(asked["blockHash"], "blockHash"))
    if header is None:
        raise refused("unknown block")
    first_log, hashes = 0, map(keccak256, chain.raw_transactions(header))
    for index, (digest, raw) in enumerate(zip(hashes, chain.raw_receipts(header), strict=True)):
        yield Place(block_of(header), index, first_log, digest)
        first_log += len(decode_receipt(raw).logs)


def _range(chain: Snapshot, asked: dict[str, Any]) -> tuple[int, int]:
    first = _number(chain, asked.get("fromBlock"), "fromBlock")
    last = _number(chain, asked.get("toBlock"), "toBlock")
    if first > last:
        raise invalid_params("invalid block range: fromBlock is after toBlock")
    if last > chain.head.block_number:
        raise invalid_params(
            f"block range extends beyond current head block {chain.head.block_number}"
        )
    if last - first >= RANGE_BLOCKS:
        raise refused(f"a range holds at most {RANGE_BLOCKS} blocks; ask in parts")
    return first, last


def _number(chain: Snapshot, stated: Any, what: str) -> int:
    if stated is None or stated in NEWEST:
        return chain.head.block_number
    return 0 if stated == "earliest" else parse_quantity(stated, what)


def _read(chain: Snapshot, place: Place, wanted: Wanted) -> list[dict[str, Any]]:
    raw = chain.raw_receipt(place.block.receipt_root, place.index)
    logs = decode_receipt(raw).logs if raw else ()
    matching = [(at, log) for at, log in enumerate(logs) if wanted.matches(log)]
    shared = place_of(place.block, place.index, place.transaction_hash) if matching else {}
    return [describe_log(log, shared, place.first_log + at) for at, log in matching]


def _addresses(stated: Any) -> frozenset[bytes] | None:
    if stated is None or stated == []:
        return None
    listed = stated if isinstance(stated, list) else [stated]
    _limit(listed)
    return frozenset(parse_address(each) for each in listed)


def _topics(stated: Any) -> tuple[frozenset[bytes] | None, ...]:
    if stated is None:
        return ()
    if not isinstance(stated, list) or len(stated) > TOPICS:
        raise invalid_params(f"invalid topics: a list of at most {TOPICS}")
    return tuple(_topic(each) for each in stated)


def _topic(stated: Any) -> frozenset[bytes] | None:
    listed = stated if isinstance(stated, list) else [stated]
    _limit(listed)
    if not listed or None in listed:  # nothing named, or null among the alternatives: any
        return None
    return frozenset(parse_hash(each, "topic") for each in listed)


def _limit(listed: list[Any]) -> None:
    if len(listed) > ALTERNATIVES:
        raise invalid_params(f"at most {ALTERNATIVES} alternatives for an address or a topic")
