"""Who may co-sign the chain, and the signatures they send."""

from datetime import datetime

from django.conf import settings
from django.db import transaction

from ledger.chain.opening import key_ring
from ledger.chain.witness_mark import signer_of
from ledger.errors import BlockDiffers, BlockUnknown, WitnessExists, WitnessUnknown
from ledger.models import Block, Witness, WitnessSignature
from ledger.services import audit


@transaction.atomic
def register(
    *, address: bytes, name: str, since_height: int = 0, actor: str, now: datetime
) -> Witness:
    """Let the key of this 20-byte address co-sign blocks from a height on.

    The same address and name again change nothing. Raises: WitnessExists when the address
    bears another name, or seals blocks itself: nobody witnesses their own act.
    """
    if address in key_ring().sealers():
        raise WitnessExists(f"0x{address.hex()} seals this chain; a witness is somebody else.")
    witness, is_new = Witness.objects.get_or_create(
        address=address, defaults={"name": name, "since_height": since_height}
    )
    if is_new:
        detail = {"address": f"0x{address.hex()}", "since_height": since_height}
        audit.record(
            actor=actor, action="register witness", subject=witness, now=now, detail=detail
        )
    elif witness.name != name:
        raise WitnessExists(f"0x{address.hex()} is registered as {witness.name}.")
    return witness


@transaction.atomic
def retire(*, address: bytes, height: int, actor: str, now: datetime) -> Witness:
    """End a witness with a block: later ones it cannot sign; what it signed stays.

    Raises: WitnessUnknown.
    """
    witness = Witness.objects.select_for_update().filter(address=address).first()
    if witness is None or witness.since_height > height:
        raise WitnessUnknown(f"0x{address.hex()} is no witness at block {height:,}.")
    witness.retired_height = height
    witness.save(update_fields=["retired_height"])
    audit.record(
        actor=actor, action="retire witness", subject=witness, now=now, detail={"height": height}
    )
    return witness


@transaction.atomic
def accept_signature(
    *, height: int, block_hash: bytes, signature: bytes, now: datetime
) -> tuple[WitnessSignature, bool]:
    """Keep a co-signature of a block that is noted here; (the row, whether it is new).

    Raises: BlockUnknown, BlockDiffers, WitnessSignatureInvalid, WitnessUnknown.
    """
    heights = {0, height}
    blocks = {block.height: block for block in Block.objects.filter(height__in=heights)}
    if len(blocks) < len(heights):
        raise BlockUnknown(f"Block {height:,} is not noted here yet; try again later.")
    block = blocks[height]
    if bytes(block.block_hash) != block_hash:
        raise BlockDiffers(
            f"Block {height:,} here is 0x{bytes(block.block_hash).hex()}. If another one was "
            "sealed, show it: two seals at one height are proof of fraud."
        )
    address = signer_of(
        signature=signature,
        chain_id=settings.CHAIN_ID,
        genesis_hash=bytes(blocks[0].block_hash),
        number=height,
        block_hash=block_hash,
    )
    return WitnessSignature.objects.get_or_create(
        witness=_witness_at(address, height),
        block=block,
        defaults={"signature": signature, "received_at": now},
    )


def _witness_at(address: bytes, height: int) -> Witness:
    witness = Witness.objects.filter(address=address).first()
    if witness is None:
        raise WitnessUnknown(f"0x{address.hex()} is no registered witness of this block.")
    if height < witness.since_height:
        raise WitnessUnknown(f"{witness.name} is a witness from block {witness.since_height:,} on.")
    if witness.retired_height is not None and height > witness.retired_height:
        raise WitnessUnknown(f"{witness.name} retired with block {witness.retired_height:,}.")
    return witness
