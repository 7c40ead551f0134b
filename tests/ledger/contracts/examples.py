"""Accounts, lots and calls that the contract's tests share."""

from uuid import UUID

from ledger.domain.calls import Issue, LotIssue, Settle, SettleEntry, Split
from ledger.domain.custody import custody_address
from ledger.domain.token_id import BOTH, TokenId
from tests.ledger.contracts.evm import CHAIN_ID, REGISTRY_ID

DEVICE = 570_000_000_000_000_001
DATA_ROOT = b"\x0d" * 32
OWNER, CITY, OTHER = (UUID(int=0x4000_8000 << 64 | n) for n in (1, 2, 3))


def address(account):
    return custody_address(CHAIN_ID, REGISTRY_ID, account)


def token(hour=0, *, mask=BOTH, device=DEVICE, sequence=0):
    return TokenId(1, device, 25_506_720 + 60 * hour, 60, sequence, mask).number


def issue(token_id, *parts):
    """One lot, its parts (account, amount) adding up to it."""
    total = sum(amount for _, amount in parts)
    splits = tuple(Split(0, account, amount) for account, amount in parts)
    return Issue((LotIssue(token_id, total),), splits, DATA_ROOT)


def leaves(*amounts, salt=0):
    return tuple(
        (amount, (salt * 1_000 + n + 1).to_bytes(32, "big")) for n, amount in enumerate(amounts)
    )


def entry(account, token_id, *amounts, salt=0):
    return SettleEntry(account, token_id, sum(amounts), leaves(*amounts, salt=salt))


def settle(*entries):
    return Settle(tuple(sorted(entries, key=lambda e: (e.account.int, e.token_id))))


def counters(evm, token_id):
    """issued, retired R, retired E, withdrawn R, withdrawn E, first Wh, mask"""
    return evm.view("counters(uint256)", ["uint256"] * 7, token_id & ~0xFF)


def balance(evm, account, token_id):
    holder = account if isinstance(account, bytes) else address(account)
    return evm.view("balanceOf(address,uint256)", ["uint256"], holder, token_id)
