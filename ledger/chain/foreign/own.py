"""What holders do on a shared network with addresses of their own, found by the contract's logs.

A transaction of theirs may go to any contract, which then calls ours: a wallet, a bundler, a
receiver's hook inside a release. So it is the logs that count, not where a transaction goes.
"""

from collections.abc import Collection

from eth_abi.exceptions import DecodingError

from ledger.chain import codec
from ledger.chain.foreign.contracts import Site
from ledger.chain.foreign.reading import Log, Reader, Receipt
from ledger.domain.calls import OwnAct, OwnTransaction

TOPICS = (codec.topic(codec.TRANSFER_SINGLE), codec.topic(codec.TRANSFER_BATCH))
RELEASE = codec.selector(codec.RELEASE)
# A block is noted after so many without an event, so that they are not looked at for ever.
QUIET_BLOCKS = 2_000


def eventful(reader: Reader, site: Site, first: int, last: int) -> list[int]:
    """Blocks from first to last in which the contract moved anything, ascending.

    After `QUIET_BLOCKS` without one the last is among them. Raises: ChainUnreachable.
    """
    first = max(first, site.since)
    found = {log.block_number for log in reader.all_logs(site.certificates, first, last, TOPICS)}
    if last - max(found, default=first) >= QUIET_BLOCKS:
        found.add(last)
    return sorted(found)


def own_transactions(
    reader: Reader, site: Site, number: int, hashes: Collection[bytes]
) -> tuple[OwnTransaction, ...]:
    """Those of a block's transactions in which holders moved or retired something.

    Raises: ChainUnreachable.
    """
    logs: list[Log] = list(reader.all_logs(site.certificates, number, number, TOPICS))
    named = [each for each in dict.fromkeys(log.transaction for log in logs) if each in hashes]
    found = []
    for receipt in reader.receipts(named):
        if receipt is None or receipt.block_number != number:
            raise reader.node.nonsense("a log of a transaction that no block holds")
        found.append(_own(reader, site, receipt))
    return tuple(each for each in found if each.acts)


def _own(reader: Reader, site: Site, receipt: Receipt) -> OwnTransaction:
    sent = reader.transaction(receipt.hash)
    try:
        acts = _acts(site, receipt, sent.to, sent.data)
    except (ValueError, IndexError, DecodingError) as error:
        raise reader.node.nonsense("a log of the contract cannot be read") from error
    return OwnTransaction(
        hash=receipt.hash,
        sender=sent.sender,
        nonce=sent.nonce,
        raw=sent.raw,
        success=receipt.success,
        reason="",
        acts=acts,
    )


def _acts(site: Site, receipt: Receipt, to: bytes, calldata: bytes) -> tuple[OwnAct, ...]:
    """An operator's call is the book's own, but for what a receiver does while it is paid."""
    first = receipt.logs[0].index if receipt.logs else 0
    acts = codec.decode_own_acts(receipt.logs, site.certificates, first_index=first)
    if to != site.certificates or not codec.is_operators(calldata):
        return acts
    return acts[1:] if calldata[:4] == RELEASE else ()
