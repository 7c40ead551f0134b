"""Random and hand-written code on the translated machine and on py-evm's own: no difference."""

from typing import Any

import pytest
from eth.db.atomic import AtomicDB
from eth.vm import opcode_values as op
from eth.vm.execution_context import ExecutionContext
from eth.vm.forks.prague.computation import PragueComputation
from eth.vm.forks.prague.opcodes import PRAGUE_OPCODES
from eth.vm.forks.prague.state import PragueState
from eth.vm.message import Message
from eth.vm.transaction_context import BaseTransactionContext
from eth_typing import Address
from hypothesis import given, settings
from hypothesis import strategies as st
from trie.constants import BLANK_NODE_HASH

from ledger.chain.stack_facts import POPS_PUSHES
from ledger.chain.translated_machine import TranslatedComputation
from ledger.chain.translation import FALL_BACK, LONGEST, translated
from ledger.chain.vm import LedgerVM
from tests.ledger.chain.chains import CHAIN_ID

SENDER, CONTRACT = Address(b"\x11" * 20), Address(b"\x22" * 20)
WORDS = st.one_of(
    st.integers(0, 70),
    st.integers(0, 2**256 - 1),
    st.sampled_from([0, 1, 31, 32, 255, 256, 2**255, 2**256 - 1]),
)
PLAIN = [each for each in POPS_PUSHES if each in PRAGUE_OPCODES]

pytestmark = pytest.mark.filterwarnings("ignore:SELFDESTRUCT:DeprecationWarning")


class Translated(PragueState):
    computation_class = TranslatedComputation


def push(value: int) -> bytes:
    size = max(1, (value.bit_length() + 7) // 8)
    return bytes([op.PUSH0 + size]) + value.to_bytes(size, "big")


def outcome(state_class: type[Any], code: bytes, data: bytes, gas: int) -> dict[str, Any]:
    """All that one call of the code leaves behind."""
    context = ExecutionContext(
        coinbase=Address(b"\x33" * 20),
        timestamp=1_700_000_000,
        block_number=7,
        difficulty=0,
        mix_hash=b"\x44" * 32,
        gas_limit=1 << 34,
        prev_hashes=(b"\x55" * 32,),
        chain_id=CHAIN_ID,
        base_fee_per_gas=0,
        excess_blob_gas=0,
    )
    state = state_class(AtomicDB(), context, BLANK_NODE_HASH)
    state.set_code(CONTRACT, code)
    state.set_storage(CONTRACT, 1, 77)
    state.persist()
    state.lock_changes()
    message = Message(
        gas=gas, to=CONTRACT, sender=SENDER, value=0, data=data, code=code, is_static=False
    )
    try:
        done = state.computation_class.apply_message(
            state, message, BaseTransactionContext(gas_price=0, origin=SENDER)
        )
    except Exception as error:  # a fault of py-evm itself, which we keep
        return {"fault": type(error)}
    state.persist()
    return {
        "error": type(done._error),
        "output": bytes(done.output),
        "gas": done.get_gas_remaining(),
        "refund": done.get_gas_refund(),
        "logs": done.get_log_entries(),
        "root": state.make_state_root(),
    }


def both(code: bytes, data: bytes = b"", gas: int = 200_000) -> dict[str, Any]:
    translated_outcome = outcome(Translated, code, data, gas)
    assert translated_outcome == outcome(PragueState, code, data, gas)
    return translated_outcome


INSTRUCTIONS = st.one_of(
    WORDS.map(push),
    st.sampled_from(PLAIN).map(lambda each: bytes([each])),
    st.integers(op.DUP1, op.SWAP16).map(lambda each: bytes([each])),
    st.integers(0, 60).map(lambda place: push(place) + bytes([op.JUMPI])),
    st.just(bytes([op.JUMPDEST])),
)
# With something on the stack, most programs run for a while before they fail.
STARTS = st.lists(WORDS.map(push), min_size=0, max_size=12)


@settings(max_examples=400, deadline=None)
@given(
    start=STARTS,
    rest=st.lists(INSTRUCTIONS, max_size=40),
    data=st.binary(max_size=80),
    gas=st.one_of(st.integers(0, 400), st.integers(0, 60_000)),
)
def test_any_code_leaves_the_same_behind_on_both_machines(
    start: list[bytes], rest: list[bytes], data: bytes, gas: int
) -> None:
    both(b"".join(start + rest), data, gas)


@settings(max_examples=150, deadline=None)
@given(code=st.binary(max_size=64), gas=st.integers(0, 30_000))
def test_arbitrary_bytes_leave_the_same_behind_on_both_machines(code: bytes, gas: int) -> None:
    both(code, b"", gas)


@pytest.mark.parametrize("opcode", PLAIN, ids=lambda each: f"{each:#x}")
@settings(max_examples=12, deadline=None)
@given(operands=st.lists(WORDS, min_size=7, max_size=7))
def test_each_opcode_answers_as_py_evm_does(opcode: int, operands: list[int]) -> None:
    answer = push(0) + bytes([op.MSTORE]) + push(32) + push(0) + bytes([op.RETURN])
    both(b"".join(map(push, operands)) + bytes([opcode]) + answer, b"\x01\x02\x03")


def test_a_loop_runs_to_its_end() -> None:
    assert both(bytes.fromhex("60005b6001018061012c11600257" + "5f5260205ff3"))["output"] == (
        300
    ).to_bytes(32, "big")


def test_code_longer_than_one_function_goes_on_in_the_next() -> None:
    count = LONGEST * 2
    code = push(0) + (push(1) + bytes([op.ADD])) * count + bytes.fromhex("5f5260205ff3")
    assert both(code)["output"] == count.to_bytes(32, "big")


@pytest.mark.parametrize("height", [1023, 1024, 1025])
def test_a_full_stack_is_refused_where_py_evm_refuses_it(height: int) -> None:
    both(push(1) * height + bytes([op.STOP]))


@pytest.mark.parametrize("target", [0, 3, 4, 5, 99])
def test_a_jump_goes_only_to_a_destination(target: int) -> None:
    # 0: push, 2: jump, 3: push of the byte that looks like a destination, 5: a true one
    both(bytes([op.PUSH1, target, op.JUMP, op.PUSH1, op.JUMPDEST, op.JUMPDEST, op.STOP]))


def test_too_low_a_stack_is_left_to_py_evm() -> None:
    block = translated(bytes([op.ADD])).block(0)
    assert block(None, [1], None, None, None, b"") == FALL_BACK


def test_a_child_call_runs_on_the_same_machine() -> None:
    # Calls itself with one byte less of calldata until none is left, and logs on the way back.
    code = bytes.fromhex("36156020576001360360405f375f5f6001360360405f305af15060405f5260205fa05b00")
    assert both(code, b"\x01\x02\x03")["error"] is type(None)


def test_every_opcode_of_the_fork_has_its_stack_facts() -> None:
    others = {*range(op.PUSH0, op.PUSH32 + 1), *range(op.DUP1, op.SWAP16 + 1)}
    assert set(PRAGUE_OPCODES) - others == set(POPS_PUSHES)


def test_the_chain_runs_translated_code_unless_switched_back() -> None:
    assert LedgerVM._state_class.computation_class is TranslatedComputation
    assert issubclass(TranslatedComputation, PragueComputation)
