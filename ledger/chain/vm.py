"""The machine: Prague rules as they are, sealed by an authority instead of proof of stake."""

from eth.abc import BlockAPI
from eth.chains.base import Chain
from eth.consensus.noproof import NoProofConsensus
from eth.vm.forks.prague import PragueVM
from eth.vm.forks.prague.computation import PragueComputation
from eth.vm.forks.prague.constants import DEPOSIT_CONTRACT_ADDRESS, DEPOSIT_REQUEST_TYPE
from eth.vm.forks.prague.state import PragueState
from eth_typing import Address

from ledger.chain.batched_state import BatchedState
from ledger.chain.translated_machine import TranslatedComputation

# False runs py-evm's own tries instead: the same roots, in about twice the time.
BATCHED_TRIES = True
# False runs py-evm's own machine, opcode by opcode: the same results, in several times the time.
TRANSLATED_CODE = True


class _State(BatchedState if BATCHED_TRIES else PragueState):  # type: ignore[misc]
    computation_class = TranslatedComputation if TRANSLATED_CODE else PragueComputation


class LedgerVM(PragueVM):
    """Prague; seals are checked where blocks are read, not by the machine."""

    consensus_class = NoProofConsensus
    _state_class = _State

    def process_deposit_request_data(self, block: BlockAPI) -> None:
        """As EIP-6110 says, without reading every log when there is no deposit contract."""
        if self.state.get_code(Address(DEPOSIT_CONTRACT_ADDRESS)):
            super().process_deposit_request_data(block)
        else:
            block.block_requests.append(DEPOSIT_REQUEST_TYPE)


def chain_class(chain_id: int) -> type[Chain]:
    """A py-evm chain that runs Prague from its first block."""
    configured: type[Chain] = Chain.configure(
        "LedgerChain", vm_configuration=((0, LedgerVM),), chain_id=chain_id
    )
    return configured
