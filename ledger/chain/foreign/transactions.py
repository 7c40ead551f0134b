"""Signed calls (EIP-1559, type 2) and their replacements under higher fees."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import rlp
from eth_account import Account

from ledger.chain.foreign.fees import Fee, ladder
from ledger.chain.foreign.forms import encoded
from ledger.chain.port import TRANSACTION_BYTES, TRANSACTION_GAS
from ledger.domain.calls import (
    Bundle,
    Call,
    Issue,
    Release,
    Settle,
    Supersede,
    Transfer,
    Unbundle,
    Withdraw,
    WithdrawFrom,
)
from ledger.domain.keccak import keccak256
from ledger.errors import ChainRejected

TYPE = b"\x02"
FIELDS = 12
# Upper bounds of what the contract uses (docs/contract.md has the figures they stand above);
# a pool wants the fee of all of it at hand, what is not used is not paid.
BASE_GAS = 120_000
LOT_GAS, SPLIT_GAS, MOVE_GAS, ITEM_GAS, ENTRY_GAS = 60_000, 32_000, 40_000, 30_000, 35_000
REBUNDLE_GAS = 80_000
VOID_GAS = 60_000
HOOK_GAS = 300_000  # for the receiver's own code, where an own address has some
BYTE_GAS = 40  # the floor of calldata (EIP-7623)


@dataclass(frozen=True, slots=True)
class Unsigned:
    """A transaction before it is signed; `to` is empty where it creates a contract."""

    chain_id: int
    nonce: int
    fee: Fee
    gas: int
    to: bytes
    data: bytes


def gas_limit(call: Call, data: bytes) -> int:
    """Gas that a call never exceeds, nor a transaction may (EIP-7825)."""
    match call:
        case Issue():
            work = len(call.lots) * LOT_GAS + len(call.splits) * SPLIT_GAS
        case Transfer():
            work = len(call.moves) * MOVE_GAS
        case Settle():
            work = len(call.entries) * ENTRY_GAS
        case Withdraw():
            work = len(call.items) * ITEM_GAS
        case WithdrawFrom():
            work = ITEM_GAS
        case Unbundle() | Bundle():
            work = REBUNDLE_GAS
        case Supersede():
            work = VOID_GAS
        case Release():
            work = MOVE_GAS + HOOK_GAS
    return min(BASE_GAS + work + BYTE_GAS * len(data), TRANSACTION_GAS)


def sign(unsigned: Unsigned, private_key: bytes) -> bytes:
    """The raw transaction; the same arguments give the same bytes (RFC 6979).

    Raises: ChainRejected when it is larger than networks take.
    """
    fields = {
        "chainId": unsigned.chain_id,
        "nonce": unsigned.nonce,
        "maxFeePerGas": unsigned.fee.most,
        "maxPriorityFeePerGas": unsigned.fee.tip,
        "gas": unsigned.gas,
        "value": 0,
        "data": encoded(unsigned.data),
    }
    if unsigned.to:
        fields["to"] = unsigned.to
    raw = bytes(Account.sign_transaction(fields, private_key).raw_transaction)
    if len(raw) > TRANSACTION_BYTES:
        raise ChainRejected(
            f"The call has {len(raw)} bytes; a transaction holds {TRANSACTION_BYTES}. Split it."
        )
    return raw


def read(raw: bytes) -> Unsigned:
    """What was signed. Raises: ChainRejected when the bytes are no transaction of this kind."""
    try:
        fields: Sequence[object] = rlp.decode(raw[1:]) if raw[:1] == TYPE else ()
    except (rlp.DecodingError, ValueError) as error:
        raise ChainRejected(f"The transaction cannot be read: {error}") from error
    plain = [each for each in fields if isinstance(each, bytes)]  # all but the access list
    if len(fields) != FIELDS or len(plain) != FIELDS - 1:
        raise ChainRejected("The bytes are no transaction of this registry.")
    chain_id, nonce, tip, most, gas = (int.from_bytes(each, "big") for each in plain[:5])
    return Unsigned(chain_id, nonce, Fee(most, tip), gas, plain[5], plain[7])


class Rungs:
    """A prepared transaction and its replacements: the same call and nonce, higher fees.

    Only what is asked for is signed. Without a key there is the prepared one alone.
    """

    def __init__(self, raw: bytes, private_key: bytes | None) -> None:
        """Raises: ChainRejected when the bytes are no transaction of this kind."""
        self.unsigned = read(raw)
        self._fees = ladder(self.unsigned.fee.most) if private_key else [self.unsigned.fee]
        self._key = private_key or b""
        self._raws = {0: raw}
        self._hashes = {0: keccak256(raw)}

    def __len__(self) -> int:
        return len(self._fees)

    @property
    def sender(self) -> bytes:
        """The address that signed it."""
        return bytes.fromhex(Account.recover_transaction(self._raws[0])[2:])

    def raw(self, rung: int) -> bytes:
        """The bytes to send for a rung, the first being the prepared ones."""
        if rung not in self._raws:
            self._raws[rung] = sign(replace(self.unsigned, fee=self._fees[rung]), self._key)
        return self._raws[rung]

    def hash(self, rung: int) -> bytes:
        if rung not in self._hashes:
            self._hashes[rung] = keccak256(self.raw(rung))
        return self._hashes[rung]

    def fee(self, rung: int) -> Fee:
        return self._fees[rung]

    def forget(self, kept: int) -> None:
        """Keep one rung's bytes: they are large, and signed again in no time."""
        self._raws = {n: raw for n, raw in self._raws.items() if n in (0, kept)}
