"""A machine for calls that anyone may ask for: bounded in time, and it keeps nothing.

Gas alone bounds too little here, since py-evm computes some things a thousand times slower
than the gas schedule assumes. It is py-evm's own machine and not the translated one:
opcode by opcode it can stop in time.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from eth._utils.address import force_bytes_to_address, generate_contract_address
from eth.abc import BlockHeaderAPI, ComputationAPI
from eth.vm.forks.prague.computation import PragueComputation
from eth.vm.message import Message
from eth_typing import Address

from ledger.chain.batched_state import BatchedState
from ledger.rpc.deadline import Deadline
from ledger.rpc.errors import refused
from ledger.rpc.snapshot import Snapshot

# Pairings and curves in pure Python take up to a second each, a round of blake2 30 us.
SLOW_PRECOMPILES = range(0x06, 0x12)
SLOW_INPUT_BYTES = 1024
BLAKE2, BLAKE2_ROUNDS = 0x09, 10_000
MODEXP, MODEXP_BYTES = 0x05, 4096


@dataclass(frozen=True, slots=True)
class Call:
    """A message from outside: addresses of 20 bytes (`to` empty creates), amounts in wei."""

    sender: bytes
    to: bytes
    value: int
    data: bytes
    gas_price: int
    access_list: tuple[tuple[bytes, tuple[int, ...]], ...] = ()


@dataclass(frozen=True, slots=True)
class Touched:
    """Addresses and (address, slot) pairs that a call warmed, in order, reverted or not."""

    addresses: dict[bytes, None]
    slots: dict[tuple[bytes, int], None]


def _bounded(number: int, precompile: Callable[[ComputationAPI], Any]) -> Callable[..., Any]:
    def run(computation: ComputationAPI) -> Any:
        given = computation.msg.data_as_bytes
        limit = MODEXP_BYTES if number == MODEXP else SLOW_INPUT_BYTES
        rounds = int.from_bytes(given[:4], "big") if number == BLAKE2 else 0
        if len(given) > limit or rounds > BLAKE2_ROUNDS:
            raise refused(f"this server does not compute precompile {number} at such a size")
        return precompile(computation)

    return run


def _bounded_precompiles() -> dict[Address, Callable[..., Any]]:
    precompiles = dict(PragueComputation.get_precompiles())
    for number in (MODEXP, *SLOW_PRECOMPILES):
        address = force_bytes_to_address(number.to_bytes(20, "big"))
        precompiles[address] = _bounded(number, precompiles[address])
    return precompiles


class BoundedComputation(PragueComputation):  # type: ignore[misc]
    """Prague's rules, given up when the request's time is over."""

    _precompiles = _bounded_precompiles()

    def consume_gas(self, amount: int, reason: str) -> None:
        deadline: Deadline = self.state.deadline  # type: ignore[attr-defined]
        deadline.check()
        super().consume_gas(amount, reason)


class CallState(BatchedState):
    """A block's state, changed in memory only; it notes what is touched."""

    computation_class = BoundedComputation
    deadline: Deadline
    touched: Touched

    def mark_address_warm(self, address: Address) -> None:
        self.touched.addresses[address] = None
        super().mark_address_warm(address)

    def mark_storage_warm(self, address: Address, slot: int) -> None:
        self.touched.slots[address, slot] = None
        super().mark_storage_warm(address, slot)


def run(chain: Snapshot, header: BlockHeaderAPI, call: Call, gas: int) -> ComputationAPI:
    """Execute a call on a block's state and in its context; `gas` is without the intrinsic.

    Raises: RpcRefused when the time is over, or the sender cannot pay.
    """
    chain.deadline.check()
    context = chain.engine.state(header).execution_context
    state = CallState(chain.engine.database, context, header.state_root)
    state.deadline, state.touched = chain.deadline, Touched({}, {})
    if call.value + gas * call.gas_price > state.get_balance(Address(call.sender)):
        raise refused("insufficient funds for gas * price + value")
    message = _message(state, call, gas)
    for address in (state.coinbase, call.sender, message.storage_address):
        state.mark_address_warm(Address(address))
    for address, slots in call.access_list:
        state.mark_address_warm(Address(address))
        for slot in slots:
            state.mark_storage_warm(Address(address), slot)
    transaction = state.get_transaction_context_class()(
        gas_price=call.gas_price, origin=Address(call.sender)
    )
    machine: Any = state.computation_class
    apply = machine.apply_create_message if message.is_create else machine.apply_message
    try:
        computation: ComputationAPI = apply(state, message, transaction)
    except RecursionError:
        raise refused("the call nests deeper than this server follows") from None
    return computation


def touched_by(computation: ComputationAPI) -> Touched:
    """What a call ran over."""
    state: CallState = computation.state  # type: ignore[assignment]
    return state.touched


def _message(state: CallState, call: Call, gas: int) -> Message:
    sender = Address(call.sender)
    nonce = state.get_nonce(sender)
    state.increment_nonce(sender)
    if not call.to:
        created = generate_contract_address(sender, nonce)
        return Message(
            gas=gas, to=Address(b""), sender=sender, value=call.value, data=b"", code=call.data,
            create_address=created,
        )  # fmt: skip
    executor: Any = state.get_transaction_executor()
    code, delegate = executor.get_code_at_address(Address(call.to))
    return Message(
        gas=gas, to=Address(call.to), sender=sender, value=call.value, data=call.data, code=code,
        is_delegation=delegate is not None,
    )  # fmt: skip
