"""Addresses of holders' own: shown to be theirs, mirrored in the book, and paid."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction

from ledger.domain.calls import Holder
from ledger.domain.custody import custody_address
from ledger.domain.linking import LONGEST, link_message
from ledger.errors import (
    AccountUnknown,
    AddressNotLinked,
    AddressTaken,
    LinkExpired,
    LinkInvalid,
)
from ledger.models import Account, Entry, OwnAddress
from ledger.services import audit
from ledger.services.book import Move, post_entry
from ledger.signals import address_linked

SIGNATURE_BYTES = 65


def account_of(uuid: UUID) -> Account:
    """Raises: AccountUnknown."""
    found = Account.objects.filter(uuid=uuid).first()
    if found is None:
        raise AccountUnknown(f"There is no account {uuid}. Its id stands in the admin's list.")
    return found


def message_for(*, holder: Account, address: bytes, until: datetime) -> str:
    """The text that shows, signed by the key of `address`, that the holder has it."""
    return link_message(
        chain_id=settings.CHAIN_ID,
        registry_id=settings.REGISTRY_ID,
        account=holder.uuid,
        address=address,
        until=until,
    )


@transaction.atomic
def link(
    *,
    holder: Account,
    address: bytes,
    signature: bytes,
    until: datetime,
    actor: object,
    now: datetime,
) -> OwnAddress:
    """Link an address to a holder, who signed `message_for` with its key; once.

    Raises: LinkExpired, LinkInvalid, AddressTaken.
    """
    if not now <= until <= now + LONGEST:
        raise LinkExpired(
            f"The message is good until {until:%Y-%m-%d %H:%M} UTC, and is taken within "
            f"{LONGEST.total_seconds() / 3600:.0f} hours before that. Sign a new one."
        )
    message = message_for(holder=holder, address=address, until=until)
    if _signer(message, signature) != address:
        raise LinkInvalid(
            f"The signature is not that of 0x{address.hex()} under this message. "
            "Sign the text as it is printed, with the key of that address."
        )
    if holder.is_mirror or holder.system:
        raise AddressTaken(f"{holder} is no holder's account: it cannot have an address.")
    own = mirror_of(address)
    own = OwnAddress.objects.select_for_update().get(pk=own.pk)
    if own.holder_id == holder.pk:
        return own
    if own.holder_id is not None:
        raise AddressTaken(f"0x{address.hex()} is linked to another account.")
    own.holder, own.message, own.signature, own.linked_at = holder, message, signature, now
    own.save(update_fields=["holder", "message", "signature", "linked_at"])
    detail = {"address": f"0x{address.hex()}", "account": str(holder.uuid)}
    audit.record(actor=actor, action="address.linked", subject=own, now=now, detail=detail)
    address_linked.send(sender=OwnAddress, account_id=own.account_id)
    return own


def release(
    *, holder: Account, own: OwnAddress, asset: int, amount: int, key: str, now: datetime
) -> int:
    """Hand Wh over to the holder's own address, once per key; returns the entry's id.

    The book counts them there at once; the chain writer carries it out.
    Raises: AddressNotLinked, Overdrawn, KeyReused, InvalidEntry.
    """
    if own.holder_id != holder.pk:
        raise AddressNotLinked(f"{own} is not linked to {holder}. Link it first, by a signature.")
    move = Move(holder.pk, own.account_id, asset, amount)
    return post_entry(key=key, moves=[move], now=now, kind=Entry.Kind.RELEASE, digest=b"")


def mirror_of(address: bytes) -> OwnAddress:
    """The address with its account in the book, made when it is met for the first time."""
    known = OwnAddress.objects.filter(address=address).first()
    if known:
        return known
    with transaction.atomic():
        account = Account.objects.create(name=f"Own address 0x{address.hex()}", is_mirror=True)
        own, is_new = OwnAddress.objects.get_or_create(
            address=address, defaults={"account": account}
        )
        if not is_new:  # another process met it first
            account.delete()
        return own


def holder_of(account: Account) -> Holder:
    """How the chain knows an account: by its id, or by the address it mirrors."""
    return bytes(account.own_address.address) if account.is_mirror else account.uuid


def chain_address(account: Account) -> bytes:
    """The 20 bytes under which the contract keeps what an account holds."""
    holder = holder_of(account)
    if isinstance(holder, bytes):
        return holder
    return custody_address(settings.CHAIN_ID, settings.REGISTRY_ID, holder)


def _signer(message: str, signature: bytes) -> bytes:
    """Whose signature of a text (EIP-191) it is. Raises: LinkInvalid when it cannot be read."""
    from eth_account import Account as Wallet
    from eth_account.messages import encode_defunct

    if len(signature) != SIGNATURE_BYTES:
        raise LinkInvalid(f"A signature has {SIGNATURE_BYTES} bytes, this one {len(signature)}.")
    try:
        signer: Any = Wallet.recover_message(encode_defunct(text=message), signature=signature)
    except Exception as error:
        raise LinkInvalid(f"The signature cannot be read: {error}") from error
    return bytes.fromhex(signer[2:])
