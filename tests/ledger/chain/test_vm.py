"""What loading the machine does to the process that loads it."""

import json
import threading

import pytest

from ledger.chain.engine import Engine
from ledger.chain.store import MemoryStore

SMALL_STACK = 2 * 1024 * 1024  # bytes, as web servers give their threads
CALLS_ITSELF = bytes.fromhex("5f5f5f5f5f305af1")  # CALL to its own address with all gas
CONTRACT = b"\x11" * 20
DEEPEST = 1024  # nested calls that the protocol allows


def in_a_small_thread(work):
    """What the work returned or raised on a small stack."""
    found = []

    def run():
        try:
            found.append(work())
        except Exception as error:
            found.append(error)

    before = threading.stack_size(SMALL_STACK)
    try:
        thread = threading.Thread(target=run)
        thread.start()
    finally:
        threading.stack_size(before)
    thread.join()
    return found[0]


def test_brackets_nested_without_end_are_an_error_and_not_the_end():
    assert isinstance(in_a_small_thread(lambda: json.loads("[" * 1_000_000)), RecursionError)


@pytest.mark.filterwarnings("default")
def test_contracts_may_nest_as_deep_as_the_protocol_allows():
    engine = Engine(MemoryStore(), chain_id=1)
    engine.found()

    def nest():
        vm = engine._chain.get_vm(engine.head())
        vm.state.set_code(CONTRACT, CALLS_ITSELF)
        done = vm.execute_bytecode(
            origin=bytes(20),
            gas_price=0,
            gas=1 << 60,
            to=CONTRACT,
            sender=bytes(20),
            value=0,
            data=b"",
            code=CALLS_ITSELF,
        )
        depth = 0
        while done.children:
            done, depth = done.children[0], depth + 1
        return depth

    assert in_a_small_thread(nest) == DEEPEST
