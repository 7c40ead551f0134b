"""eth_sendRawTransaction: what holders sign themselves, for the next block.

This chain carries certificates and nothing else: a transaction calls the certificate
contract, pays nothing, and comes from an address that a holder has linked or from a key with
the admin's or the pauser's role. Whether the contract will do what is asked is tried before
it is taken, because a block is for ever and costs its sender nothing.
"""

from typing import Any

from eth.abc import SignedTransactionAPI
from eth_typing import Address

from ledger.chain import layout
from ledger.chain.codec import NOBODY, created_address
from ledger.chain.deployment import ADMIN_FLAG, CUSTODIAN_FLAG, ISSUER_FLAG, PAUSER_FLAG
from ledger.chain.port import TRANSACTION_BYTES, TRANSACTION_GAS
from ledger.domain.keccak import keccak256
from ledger.errors import RpcRefused
from ledger.rpc import calls
from ledger.rpc.errors import METHOD_NOT_FOUND, invalid_params, refused
from ledger.rpc.machine import Call
from ledger.rpc.quantities import data, parse_data, quantity
from ledger.rpc.snapshot import Snapshot, decode_transaction
from ledger.rpc.waiting_room import Signed, WaitingRoom

TYPES = (0, 1, 2)  # legacy, EIP-2930, EIP-1559
CERTIFICATES_NONCE = 1  # the contract was the deployer's second creation


def send(chain: Snapshot, raw: Any) -> str:
    """Take a signed transaction; its hash. Raises: RpcRefused, LedgerError."""
    room = room_of(chain)
    given = parse_data(raw, "transaction")
    if len(given) > TRANSACTION_BYTES:
        raise refused(
            f"oversized data: transaction size {len(given)}, limit {TRANSACTION_BYTES} bytes"
        )
    if room.find(keccak256(given)) or chain.locate(keccak256(given)):
        return data(keccak256(given))
    transaction = _read(chain, given)
    _check_cost(chain, transaction)
    sender = _sender_of(transaction)
    _check_sender(chain, room, sender)
    next_nonce = chain.engine.state(chain.head).get_nonce(Address(sender))
    if transaction.nonce == next_nonce and not room.count(sender, next_nonce):
        _try(chain, transaction)
    signed = Signed(keccak256(given), given, sender, transaction.nonce, transaction.gas)
    room.admit(signed, next_nonce=next_nonce)
    return data(signed.hash)


def room_of(chain: Snapshot) -> WaitingRoom:
    """Raises: RpcRefused where nothing is taken."""
    if chain.waiting is None:
        raise RpcRefused(
            METHOD_NOT_FOUND,
            "eth_sendRawTransaction is not available: this chain takes no transactions here",
        )
    return chain.waiting


def _read(chain: Snapshot, raw: bytes) -> SignedTransactionAPI:
    """Raises: RpcRefused for what is no transaction of this chain, or of a kind not taken."""
    try:
        transaction: Any = decode_transaction(raw)
        kind = getattr(transaction, "type_id", None) or 0
        named = transaction.chain_id
    except Exception as error:
        reason = str(error)[:100] or type(error).__name__
        raise invalid_params(f"invalid transaction: it cannot be decoded ({reason})") from None
    if kind not in TYPES:
        raise refused(f"transaction type not supported: {kind}; send type 0, 1 or 2")
    if named is None:
        raise refused("only replay-protected (EIP-155) transactions allowed over RPC")
    if named != chain.engine.chain_id:
        raise refused(f"invalid chain id for signer: have {named} want {chain.engine.chain_id}")
    signed: SignedTransactionAPI = transaction
    return signed


def _sender_of(transaction: SignedTransactionAPI) -> bytes:
    """Whose signature it is, in its lower form. Raises: RpcRefused."""
    try:
        transaction.validate()
        return bytes(transaction.sender)
    except Exception as error:
        raise refused(f"invalid sender: {str(error)[:100]}") from None


def _check_sender(chain: Snapshot, room: WaitingRoom, sender: bytes) -> None:
    if room.is_linked(sender):
        return
    state = chain.engine.state(chain.head)
    roles = int(state.get_storage(Address(certificates(chain)), layout.role_slot(sender)))
    if not roles & (ADMIN_FLAG | PAUSER_FLAG) or roles & (ISSUER_FLAG | CUSTODIAN_FLAG):
        raise refused(
            f"sender {data(sender)} is not linked: this chain takes transactions from addresses "
            "that holders have linked to their account; link it first"
        )


def _check_cost(chain: Snapshot, transaction: Any) -> None:
    if transaction.to != certificates(chain):
        raise refused(
            f"transactions call the certificate contract and no other: {data(certificates(chain))}"
        )
    if transaction.value or transaction.max_fee_per_gas:
        raise refused(
            "insufficient funds for gas * price + value: nobody has any here; gas costs "
            "nothing, so give price and value 0"
        )
    if transaction.gas > TRANSACTION_GAS:
        raise refused(
            f"transaction gas limit too high (cap: {TRANSACTION_GAS}, tx: {transaction.gas})"
        )
    asked = _call(transaction)
    for name, least in (
        ("intrinsic gas too low", calls.intrinsic_gas(asked)),
        ("insufficient gas for floor data gas cost", calls.floor_gas(asked)),
    ):
        if transaction.gas < least:
            raise refused(f"{name}: gas {transaction.gas}, minimum needed {least}")


def _call(transaction: Any) -> Call:
    """For its gas before the first opcode, which does not depend on who calls."""
    listed = getattr(transaction, "access_list", ()) or ()
    return Call(
        sender=NOBODY,
        to=bytes(transaction.to),
        value=0,
        data=bytes(transaction.data),
        gas_price=0,
        access_list=tuple((bytes(address), tuple(slots)) for address, slots in listed),
    )


def _try(chain: Snapshot, transaction: Any) -> None:
    """Raises: RpcRefused with the contract's reason, as eth_call does."""
    calls.call(
        chain,
        {
            "from": data(transaction.sender),
            "to": data(transaction.to),
            "gas": quantity(transaction.gas - calls.intrinsic_gas(_call(transaction))),
            "input": data(transaction.data),
        },
    )


def certificates(chain: Snapshot) -> bytes:
    """The address of the certificate contract, which block 1 created."""
    creations = chain.engine.block(1).transactions
    return created_address(bytes(creations[0].sender), CERTIFICATES_NONCE)
