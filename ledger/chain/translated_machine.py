"""py-evm's computation over translated code; `vm.STOCK` switches back."""

from collections.abc import Iterator
from typing import Any

from eth.vm.code_stream import CodeStream
from eth.vm.forks.prague.computation import PragueComputation
from eth.vm.forks.prague.opcodes import PRAGUE_OPCODES

from ledger.chain.translation import FALL_BACK, translated

ALL = 0x100  # no opcode of the EVM, which are bytes: run everything that follows


def run(computation: Any) -> None:
    """Run translated code to its end; return where py-evm shall go on by itself.

    Raises: Halt at a regular end, and py-evm's own errors.
    """
    message = computation.msg
    code = translated(message.code)
    stack, meter = computation._stack.values, computation._gas_meter
    memory, data = computation._memory, message.data_as_bytes
    find, place = code.blocks.get, 0
    while True:
        block = find(place) or code.block(place)
        following = block(computation, stack, meter, memory, message, data)
        if following == FALL_BACK:
            computation.code.program_counter = place
            return
        place = following


class _Stream(CodeStream):
    """Code that is first tried as a whole, and goes on opcode by opcode if that ends early."""

    def __iter__(self) -> Iterator[int]:
        yield ALL
        yield from super().__iter__()


class TranslatedComputation(PragueComputation):
    """Prague; code that runs only once, to create a contract, is not worth translating."""

    opcodes: dict[int, Any] = {**PRAGUE_OPCODES, ALL: run}

    def __init__(self, state: Any, message: Any, transaction_context: Any) -> None:
        super().__init__(state, message, transaction_context)
        if not message.is_create:
            self.code = _Stream(message.code)
