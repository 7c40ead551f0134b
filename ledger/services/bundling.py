"""Parting the attributes of what is held, and joining them again.

An asset that carries both attributes becomes one for each, of as many Wh, and back. In the
book the whole returns to the source of issuance and the parts come from there, so that each
asset adds up; on the chain a lot's counters stay as they are. The contract refuses it while
the registry's policy does not allow unbundling; the entry is then reversed like any refused
act.
"""

from datetime import datetime

from ledger.domain.token_id import BOTH, EMISSIONS, RENEWABLE, TokenId
from ledger.errors import InvalidEntry
from ledger.models import Account, Asset, Entry
from ledger.services.accounts import system_account
from ledger.services.book import Move, post_entry


def unbundle(*, account: Account, asset: Asset, amount: int, key: str, now: datetime) -> int:
    """Part `amount` Wh of an account's, once per key; returns the entry's id.

    Raises: InvalidEntry when the asset does not carry both attributes; Overdrawn, KeyReused,
    MirrorOnly.
    """
    source = system_account(Account.System.ISSUED).pk
    parts = [Move(source, account.pk, part, amount) for part in _parts(asset)]
    moves = [Move(account.pk, source, asset.pk, amount), *parts]
    return post_entry(key=key, moves=moves, now=now, kind=Entry.Kind.UNBUNDLE, digest=b"")


def bundle(*, account: Account, asset: Asset, amount: int, key: str, now: datetime) -> int:
    """Join `amount` Wh of both parts to the asset that carries both; as `unbundle`."""
    source = system_account(Account.System.ISSUED).pk
    parts = [Move(account.pk, source, part, amount) for part in _parts(asset)]
    moves = [Move(source, account.pk, asset.pk, amount), *parts]
    return post_entry(key=key, moves=moves, now=now, kind=Entry.Kind.BUNDLE, digest=b"")


def _parts(asset: Asset) -> list[int]:
    """The assets of a whole's attributes, RENEWABLE first, made when they are first needed."""
    number = int(asset.code, 16) if asset.kind == Asset.Kind.CERTIFICATE else 0
    if number & BOTH != BOTH:
        raise InvalidEntry(
            f"Asset {asset.code} does not carry both attributes, so there is nothing to part or "
            "join. Name the one that does."
        )
    found = []
    for attribute in (RENEWABLE, EMISSIONS):
        code = TokenId.from_number(number ^ BOTH | attribute).code
        kind = Asset.Kind.CERTIFICATE
        part, _ = Asset.objects.get_or_create(kind=kind, code=code, defaults={"unit": "Wh"})
        found.append(part.pk)
    return found
