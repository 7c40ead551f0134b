"""The machine: Prague rules as they are, sealed by an authority instead of proof of stake.

There are two, which lead to the same blocks. The stock one is py-evm as it comes, opcode by
opcode and node by node; ours translates code and batches tries, in a fifth of the time.
"""

import sys

from eth.abc import BlockAPI
from eth.chains.base import Chain
from eth.consensus.noproof import NoProofConsensus
from eth.vm.forks.prague import PragueVM
from eth.vm.forks.prague.constants import DEPOSIT_CONTRACT_ADDRESS, DEPOSIT_REQUEST_TYPE
from eth_typing import Address

from ledger.chain.batched_state import BatchedState
from ledger.chain.translated_machine import TranslatedComputation

STOCK = False  # True runs py-evm's own machine wherever nobody asks for one
# Importing py-evm allows 100,000 nested calls in the whole process, at which a request of
# nested brackets overflows the stack and kills it. The protocol's 1,024 nested calls take 7,000.
RECURSION_LIMIT = 10_000
sys.setrecursionlimit(RECURSION_LIMIT)


class StockVM(PragueVM):
    """Prague; seals are checked where blocks are read, not by the machine."""

    consensus_class = NoProofConsensus

    def process_deposit_request_data(self, block: BlockAPI) -> None:
        """As EIP-6110 says, without reading every log when there is no deposit contract."""
        if self.state.get_code(Address(DEPOSIT_CONTRACT_ADDRESS)):
            super().process_deposit_request_data(block)
        else:
            block.block_requests.append(DEPOSIT_REQUEST_TYPE)


class LedgerState(BatchedState):
    """Prague's state over batched tries, changed by translated code."""

    computation_class = TranslatedComputation


class LedgerVM(StockVM):
    """The same rules, faster."""

    _state_class = LedgerState


def chain_class(chain_id: int, *, stock: bool = STOCK) -> type[Chain]:
    """A py-evm chain that runs Prague from its first block."""
    machine = StockVM if stock else LedgerVM
    configured: type[Chain] = Chain.configure(
        "LedgerChain", vm_configuration=((0, machine),), chain_id=chain_id
    )
    return configured
