"""Signed calls, their replacements, and gas that is always enough."""

from uuid import UUID

import pytest
import rlp
from eth_account import Account
from hypothesis import given
from hypothesis import strategies as st

from ledger.chain import codec
from ledger.chain.foreign.fees import Fee, ladder
from ledger.chain.foreign.transactions import HOOK_GAS, Rungs, Unsigned, gas_limit, read, sign
from ledger.chain.port import TRANSACTION_GAS
from ledger.domain.calls import (
    Bundle,
    Call,
    Issue,
    LotIssue,
    Release,
    Settle,
    SettleEntry,
    Split,
    Transfer,
    TransferMove,
    Unbundle,
    Withdraw,
    WithdrawFrom,
    WithdrawItem,
)
from ledger.domain.token_id import BOTH, PRODUCTION, TokenId
from ledger.errors import ChainRejected
from tests.ledger.contracts.evm import Evm, start

KEY = b"\x07" * 32
TO = b"\x11" * 20
pytestmark = pytest.mark.once


def unsigned(nonce: int = 3, most: int = 10**9, data: bytes = b"\1\2") -> Unsigned:
    return Unsigned(202611, nonce, Fee(most, most // 10), 50_000, TO, data)


@given(
    nonce=st.integers(0, 1 << 40),
    most=st.integers(0, 10**12),
    data=st.binary(max_size=200),
    to=st.sampled_from([b"", TO]),
)
def test_what_is_signed_is_read_back(nonce: int, most: int, data: bytes, to: bytes) -> None:
    made = Unsigned(202611, nonce, Fee(most, most // 10), 50_000, to, data)
    raw = sign(made, KEY)
    assert read(raw) == made
    assert raw == sign(made, KEY)


@pytest.mark.parametrize("raw", [b"", b"\x02", b"\x02\xc0", b"\x01" + bytes(40), rlp.encode([b""])])
def test_bytes_that_are_no_transaction_of_ours_are_refused(raw: bytes) -> None:
    with pytest.raises(ChainRejected):
        read(raw)


def test_rungs_differ_in_their_fees_alone_and_are_the_same_for_ever() -> None:
    raw = sign(unsigned(), KEY)
    rungs, again = Rungs(raw, KEY), Rungs(raw, KEY)
    for n in (0, 1, 7, 30):
        assert rungs.raw(n) == again.raw(n)
        content = read(rungs.raw(n))
        assert content.fee == ladder(10**9)[n]
        assert (content.nonce, content.data, content.to) == (3, b"\1\2", TO)
    assert len({rungs.hash(n) for n in range(len(rungs))}) == len(rungs)
    assert rungs.sender.hex() == Account.from_key(KEY).address[2:].lower()


def test_without_a_key_only_the_prepared_one_is_known() -> None:
    raw = sign(unsigned(), KEY)
    assert len(Rungs(raw, None)) == 1
    assert Rungs(raw, None).raw(0) == raw


OWN = b"\x0e" * 20
ACCOUNTS = [UUID(int=n + 1) for n in range(400)]


def lots(count: int, *, devices: int) -> list[int]:
    return [
        TokenId(PRODUCTION, 735999000000000017 + n % devices, 60 * n, 60, 0, BOTH).number
        for n in sorted(range(count), key=lambda n: n % devices)
    ]


def settlement(ids: list[int], leaves: int) -> Settle:
    return Settle(
        tuple(
            SettleEntry(ACCOUNTS[0], token_id, leaves, tuple(
                (1, (n * leaves + m + 1).to_bytes(32, "big")) for m in range(leaves)
            ))
            for n, token_id in enumerate(sorted(ids))
        )
    )  # fmt: skip


def largest_calls() -> list[Call]:
    """Full parcels, in an order in which the contract takes them, at their dearest."""
    ids = lots(160, devices=160)
    return [
        Issue(
            tuple(LotIssue(token_id, 10_000) for token_id in ids),
            tuple(
                Split(n, account, 5_000)
                for n in range(160)
                for account in (ACCOUNTS[0], ACCOUNTS[1 + n])
            ),
            bytes(32),
        ),
        Transfer(
            tuple(TransferMove(ACCOUNTS[0], ACCOUNTS[200 + n], ids[n], 7) for n in range(160))
        ),
        Withdraw(tuple(WithdrawItem(ACCOUNTS[0], token_id, 1, 1) for token_id in ids)),
        settlement(ids, 15),
        settlement(ids[:1], 2_400),
        settlement(ids[1:2], 1),
        Issue((LotIssue(ids[0] + (1 << 8), 5),), (Split(0, ACCOUNTS[0], 5),), bytes(32)),
        Release(ACCOUNTS[0], OWN, ids[0], 9),
        WithdrawFrom(OWN, ids[0], 9, 1),
        Unbundle(ACCOUNTS[0], ids[0], 9),
        Bundle(ACCOUNTS[0], ids[0], 9),
    ]  # fmt: skip


def test_the_gas_limit_is_enough_for_the_largest_parcels_and_within_what_networks_take() -> None:
    evm: Evm = start()
    evm.call("admin", "allowUnbundling(bool)", True)
    for sequence, call in enumerate(largest_calls(), start=1):
        limit = gas_limit(call, codec.encode(sequence, call))
        assert limit <= TRANSACTION_GAS
        evm.operate(call, "issuer" if isinstance(call, WithdrawFrom) else None)
        assert evm.gas_used <= limit - _hook_gas(call), type(call).__name__


def _hook_gas(call: Call) -> int:
    """A receiver's code may have all of what is set aside for it."""
    return HOOK_GAS if isinstance(call, Release) else 0
