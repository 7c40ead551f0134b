"""What gas costs here: nothing. The methods answer all the same, since wallets ask."""

from itertools import pairwise
from typing import Any

from eth._utils.calculations import fake_exponential
from eth.abc import BlockHeaderAPI
from eth.vm.forks.cancun.constants import MIN_BLOB_BASE_FEE
from eth.vm.forks.london.headers import calculate_expected_base_fee_per_gas
from eth.vm.forks.prague.constants import (
    BLOB_BASE_FEE_UPDATE_FRACTION_PRAGUE,
    MAX_BLOB_GAS_PER_BLOCK,
)

from ledger.rpc.errors import invalid_params
from ledger.rpc.quantities import parse_quantity, quantity
from ledger.rpc.receipts import decode_receipt
from ledger.rpc.snapshot import Snapshot, decode_transaction

HISTORY_BLOCKS = 1024
PERCENTILES = 100


def gas_price(chain: Snapshot) -> str:
    return quantity(calculate_expected_base_fee_per_gas(chain.head))


def priority_fee(chain: Snapshot) -> str:
    return quantity(0)


def blob_fee(chain: Snapshot) -> str:
    """Blobs are not sold here: never anything but the least price."""
    return quantity(blob_base_fee(chain.head.excess_blob_gas))


def blob_base_fee(excess: int) -> int:
    """Wei for one blob gas (EIP-4844, EIP-7691)."""
    return int(fake_exponential(MIN_BLOB_BASE_FEE, excess, BLOB_BASE_FEE_UPDATE_FRACTION_PRAGUE))


def effective_gas_price(transaction: Any, header: BlockHeaderAPI) -> int:
    """Wei for one gas (EIP-1559); what a legacy transaction names counts for both limits."""
    limit = transaction.max_fee_per_gas
    return int(min(limit, transaction.max_priority_fee_per_gas + _base_fee(header)))


def _base_fee(header: BlockHeaderAPI) -> int:
    return header.base_fee_per_gas or 0


def history(chain: Snapshot, count: Any, newest: Any, percentiles: Any = None) -> dict[str, Any]:
    """Fees of the blocks that end with `newest`."""
    last = chain.require(newest)
    wanted = count if type(count) is int else parse_quantity(count, "block count")
    if not 1 <= wanted <= HISTORY_BLOCKS:
        raise invalid_params(f"invalid block count: from 1 to {HISTORY_BLOCKS}")
    shares = _parse_percentiles(percentiles)
    first = max(0, last.block_number - wanted + 1)
    headers = [chain.require(quantity(n)) for n in range(first, last.block_number)] + [last]
    fees = [_base_fee(header) for header in headers]
    answer: dict[str, Any] = {
        "oldestBlock": quantity(first),
        "baseFeePerGas": [quantity(n) for n in (*fees, calculate_expected_base_fee_per_gas(last))],
        "gasUsedRatio": [header.gas_used / header.gas_limit for header in headers],
        "baseFeePerBlobGas": [
            quantity(blob_base_fee(header.excess_blob_gas)) for header in (*headers, last)
        ],
        "blobGasUsedRatio": [header.blob_gas_used / MAX_BLOB_GAS_PER_BLOCK for header in headers],
    }
    if shares:
        answer["reward"] = [_rewards(chain, header, shares) for header in headers]
    return answer


def _parse_percentiles(stated: Any) -> list[float]:
    if stated is None:
        return []
    numbers = (
        isinstance(stated, list)
        and len(stated) <= PERCENTILES
        and all(type(each) in (int, float) and 0 <= each <= 100 for each in stated)
    )
    if not numbers or stated != sorted(stated):
        raise invalid_params(
            f"invalid percentiles: at most {PERCENTILES} ascending numbers from 0 to 100"
        )
    return list(stated)


def _rewards(chain: Snapshot, header: BlockHeaderAPI, shares: list[float]) -> list[str]:
    """Tips at percentiles of the gas that a block used, cheapest first."""
    chain.deadline.check()
    tips = [
        effective_gas_price(decode_transaction(raw), header) - _base_fee(header)
        for raw in chain.raw_transactions(header)
    ]
    if len(set(tips)) <= 1:
        return [quantity(tips[0] if tips else 0)] * len(shares)
    totals = [0, *(decode_receipt(raw).gas_used for raw in chain.raw_receipts(header))]
    gas = [after - before for before, after in pairwise(totals)]
    ascending = sorted(zip(tips, gas, strict=True))
    return [quantity(_tip_at(ascending, header.gas_used * share / 100)) for share in shares]


def _tip_at(ascending: list[tuple[int, int]], threshold: float) -> int:
    """The tip of the transaction with which the gas, counted up, reaches a threshold."""
    used = 0
    for tip, spent in ascending:
        used += spent
        if used >= threshold:
            return tip
    return ascending[-1][0]
