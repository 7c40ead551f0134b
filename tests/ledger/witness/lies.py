"""Blocks that a dishonest registry could seal and serve."""

from collections.abc import Callable
from pathlib import Path

import pytest

from ledger.chain import codec, layout, transcript
from ledger.chain.engine import Engine
from ledger.chain.framing import SealedBlock
from ledger.chain.vm import LedgerVM
from ledger.domain.calls import Call
from ledger.domain.custody import custody_address
from tests.ledger.chain.chains import CHAIN_ID, REGISTRY_ID, key_ring, open_engine

Change = Callable[[LedgerVM, bytes], None]


def block_of(directory: Path, number: int) -> SealedBlock:
    return transcript.sealed_block(open_engine(directory), number)


def certificates(engine: Engine) -> bytes:
    return codec.created_address(engine.block(1).transactions[0].sender, 1)


def seal_data(directory: Path, data: bytes) -> None:
    """Seal a block with one call of the operator, whatever it says."""
    engine, keys = open_engine(directory), key_ring(directory)
    head = engine.head()
    nonce = engine.state(head).get_nonce(keys.address("operator"))
    raw = engine.sign(
        private_key=keys.unlock("operator"), nonce=nonce, to=certificates(engine), data=data
    )
    engine.seal_block(
        transactions=[engine.decode(raw)],
        timestamp=head.timestamp + 1,
        sealer=keys.unlock("sealer"),
    )


def seal_with_balance(directory: Path, call: Call, account, token_id: int, amount: int) -> None:
    """Seal a block in which a balance changes that no call changed."""
    slot = layout.balance_slot(custody_address(CHAIN_ID, REGISTRY_ID, account), token_id)
    contract = certificates(open_engine(directory))
    before = LedgerVM.block_preprocessing

    def gift(vm: LedgerVM, block: object) -> object:
        done = before(vm, block)
        vm.state.set_storage(contract, slot, amount)
        return done

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(LedgerVM, "block_preprocessing", gift)
        seal_data(directory, codec.encode(next_sequence(directory), call))


def next_sequence(directory: Path) -> int:
    engine = open_engine(directory)
    state = engine.state(engine.head())
    return state.get_storage(certificates(engine), layout.base_slot("nextSequence"))


def serve(monkeypatch: pytest.MonkeyPatch, lies: dict[int, SealedBlock]) -> None:
    """Have the registry answer with these blocks at these heights."""
    honest = transcript.sealed_block

    def answer(engine: Engine, number: int) -> SealedBlock:
        return lies.get(number) or honest(engine, number)

    monkeypatch.setattr(transcript, "sealed_block", answer)
