"""Calls that change nothing: eth_call, eth_estimateGas, eth_createAccessList."""

from typing import Any

from eth.abc import BlockHeaderAPI, ComputationAPI
from eth.exceptions import Revert

from ledger.errors import RpcRefused
from ledger.rpc.call_arguments import parse_call
from ledger.rpc.errors import REVERTED, invalid_params, refused
from ledger.rpc.machine import Call, run, touched_by
from ledger.rpc.quantities import data, quantity, word
from ledger.rpc.snapshot import Snapshot

GAS_LIMIT = 50_000_000
# EIP-2028, EIP-2930, EIP-3860, EIP-7623
BASE_GAS, ZERO_BYTE_GAS, BYTE_GAS = 21_000, 4, 16
CREATE_GAS, INITCODE_WORD_GAS, WORD = 32_000, 2, 32
LISTED_ADDRESS_GAS, LISTED_SLOT_GAS = 2_400, 1_900
FLOOR_TOKEN_GAS, BYTE_TOKENS = 10, 4
REFUND_QUOTIENT = 5  # EIP-3529
SEARCH_STEPS_OF = 64  # stop when the gas is known to one part in so many
PRECOMPILES = {n.to_bytes(20, "big") for n in range(1, 0x12)}
ERROR_SELECTOR, PANIC_SELECTOR = bytes.fromhex("08c379a0"), bytes.fromhex("4e487b71")
PANICS = {
    0x01: "assert(false)",
    0x11: "arithmetic underflow or overflow",
    0x12: "division or modulo by zero",
    0x32: "out-of-bounds array access",
}


def call(chain: Snapshot, asked: Any, block: Any = "latest", overrides: Any = None) -> str:
    """The output of a call. Raises: RpcRefused, with the revert's data."""
    _refuse_overrides(overrides)
    parsed, gas = parse_call(asked)
    header = chain.require(block)
    ended = run(chain, header, parsed, min(gas or GAS_LIMIT, GAS_LIMIT))
    _raise_error(ended)
    return data(ended.output)


def estimate(chain: Snapshot, asked: Any, block: Any = "latest", overrides: Any = None) -> str:
    """Gas that suffices for a call as a transaction, at most 1/64 too much."""
    _refuse_overrides(overrides)
    parsed, gas = parse_call(asked)
    limit = min(gas or GAS_LIMIT, GAS_LIMIT)
    return quantity(_least_gas(chain, chain.require(block), parsed, limit))


def access_list(
    chain: Snapshot, asked: Any, block: Any = "latest", overrides: Any = None
) -> dict[str, Any]:
    """What a call touches, and its gas when it names that in advance (EIP-2930)."""
    _refuse_overrides(overrides)
    parsed, gas = parse_call(asked)
    header, limit = chain.require(block), min(gas or GAS_LIMIT, GAS_LIMIT)
    ended = run(chain, header, parsed, limit)
    touched = touched_by(ended)
    slots: dict[bytes, list[int]] = {}
    for address in touched.addresses:
        if address not in PRECOMPILES | {parsed.sender, parsed.to, header.coinbase, ended.msg.to}:
            slots[address] = []
    for address, slot in touched.slots:
        slots.setdefault(address, []).append(slot)
    listed = tuple((address, tuple(keys)) for address, keys in slots.items())
    again = run(chain, header, _with_list(parsed, listed), limit)
    answer: dict[str, Any] = {
        "accessList": [
            {"address": data(address), "storageKeys": [word(key) for key in keys]}
            for address, keys in listed
        ],
        "gasUsed": quantity(_used(_with_list(parsed, listed), again)),
    }
    if again.is_error:
        answer["error"] = _explain(again)
    return answer


def intrinsic_gas(parsed: Call) -> int:
    """Gas of a transaction before its first opcode."""
    zeros = parsed.data.count(0)
    gas = BASE_GAS + ZERO_BYTE_GAS * zeros + BYTE_GAS * (len(parsed.data) - zeros)
    if not parsed.to:
        gas += CREATE_GAS + INITCODE_WORD_GAS * ((len(parsed.data) + WORD - 1) // WORD)
    for _, slots in parsed.access_list:
        gas += LISTED_ADDRESS_GAS + LISTED_SLOT_GAS * len(slots)
    return gas


def floor_gas(parsed: Call) -> int:
    """The least that calldata costs (EIP-7623)."""
    zeros = parsed.data.count(0)
    tokens = zeros + BYTE_TOKENS * (len(parsed.data) - zeros)
    return BASE_GAS + FLOOR_TOKEN_GAS * tokens


def _least_gas(chain: Snapshot, header: BlockHeaderAPI, parsed: Call, limit: int) -> int:
    intrinsic, floor = intrinsic_gas(parsed), floor_gas(parsed)
    if limit < max(intrinsic, floor):
        raise refused(f"gas required exceeds allowance ({limit})")
    ended = run(chain, header, parsed, limit - intrinsic)
    _raise_error(ended)
    # A call keeps a 64th of its gas back from those it makes, so more may be needed than used.
    low, high = ended.get_gas_used() - 1, limit - intrinsic
    guess = min(high, (low + 1) * 65 // 64 + 2_300)
    while high - low > max(1, high // SEARCH_STEPS_OF):
        enough = not run(chain, header, parsed, guess).is_error
        low, high = (low, guess) if enough else (guess, high)
        guess = (low + high) // 2
    return max(intrinsic + high, floor)


def _used(parsed: Call, ended: ComputationAPI) -> int:
    spent = intrinsic_gas(parsed) + ended.get_gas_used()
    refund = 0 if ended.is_error else min(ended.get_gas_refund(), spent // REFUND_QUOTIENT)
    return max(spent - refund, floor_gas(parsed))


def _with_list(parsed: Call, listed: tuple[tuple[bytes, tuple[int, ...]], ...]) -> Call:
    return Call(parsed.sender, parsed.to, parsed.value, parsed.data, parsed.gas_price, listed)


def _raise_error(ended: ComputationAPI) -> None:
    if isinstance(ended.error if ended.is_error else None, Revert):
        raise RpcRefused(REVERTED, _explain(ended), data(ended.output))
    if ended.is_error:
        raise refused(_explain(ended))


def _explain(ended: ComputationAPI) -> str:
    """The contract's own words where it gave any."""
    output: bytes = ended.output
    if not isinstance(ended.error, Revert):
        return f"{type(ended.error).__name__}: {ended.error}"[:300]
    reason = ""
    if output[:4] == ERROR_SELECTOR and len(output) >= 68:
        length = int.from_bytes(output[36:68], "big")
        reason = output[68 : 68 + length].decode("utf-8", "replace")
    elif output[:4] == PANIC_SELECTOR:
        reason = PANICS.get(int.from_bytes(output[4:36], "big"), "panic")
    return f"execution reverted: {reason}" if reason else "execution reverted"


def _refuse_overrides(overrides: Any) -> None:
    if overrides:
        raise invalid_params("invalid argument 2: state overrides are not supported")
