"""Where the certificate contract keeps things: slots for proofs and for reconciliation.

Vyper's slot of a mapping's member is `keccak256(slot:32 || key:32)`.
"""

from ledger.contracts.artefact import storage_slot
from ledger.domain.keccak import keccak256

CERTIFICATES, BATCH_ROOTS = "Certificates", "BatchRoots"


def member_slot(slot: int, key: int) -> int:
    return int.from_bytes(keccak256(slot.to_bytes(32, "big") + key.to_bytes(32, "big")), "big")


def balance_slot(address: bytes, token_id: int) -> int:
    """Slot of what an address holds of an asset, in Wh."""
    of_holder = member_slot(storage_slot(CERTIFICATES, "balanceOf"), int.from_bytes(address, "big"))
    return member_slot(of_holder, token_id)


def lot_slot(lot: int) -> int:
    """Slot of a lot's packed counters; `lot` is a token id with its mask cleared."""
    return member_slot(storage_slot(CERTIFICATES, "lots"), lot)


def odometer_slot(device: int) -> int:
    """Slot of the Wh ever issued to a device, where its next lot will start."""
    return member_slot(storage_slot(CERTIFICATES, "odometer"), device)


def next_sequence_slot() -> int:
    return storage_slot(CERTIFICATES, "nextSequence")


def batch_root_slot(sequence: int) -> int:
    """Slot in BatchRoots of the root of the batch settled with this sequence."""
    return member_slot(storage_slot(BATCH_ROOTS, "roots"), sequence)
