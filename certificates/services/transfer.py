"""Moving certificates from one holder to another."""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from certificates.domain.terms import months_before
from certificates.errors import PolicyRefused, TransferRefused
from certificates.models import LotAsset, Organisation
from certificates.queries.policies import policy_at
from ledger.models import Entry
from ledger.services import audit
from ledger.services.book import Move, post_entry


@transaction.atomic
def transfer(
    *,
    key: str,
    source: Organisation,
    destination: Organisation,
    amounts: Mapping[int, int],
    now: datetime,
    actor: object = "registry",
) -> int:
    """Move Wh of each asset (by id), all or none, once per key; returns the entry's id.

    Raises: TransferRefused, PolicyRefused, ledger.errors.KeyReused, ledger.errors.Overdrawn.
    """
    if source.pk == destination.pk:
        raise TransferRefused(f"{source.name} cannot transfer to itself.")
    if not amounts or min(amounts.values()) <= 0:
        raise TransferRefused("Name at least one certificate and a positive amount of each.")
    known = LotAsset.objects.filter(asset__in=amounts).count()
    if known != len(amounts):
        raise TransferRefused(f"{len(amounts) - known} of the assets are no certificates.")
    _check_term(amounts, now)
    moves = [
        Move(source.account_id, destination.account_id, asset, amount)
        for asset, amount in sorted(amounts.items())
    ]
    is_new = not Entry.objects.filter(key=key).exists()
    entry = post_entry(key=key, moves=moves, now=now, kind=Entry.Kind.TRANSFER, digest=b"")
    if is_new:
        audit.record(
            now=now,
            actor=actor,
            action="certificates.transferred",
            subject=f"entry {entry}",
            detail={"to": destination.slug, "amount_wh": sum(amounts.values())},
        )
    return entry


def _check_term(amounts: Mapping[int, int], now: datetime) -> None:
    policy = policy_at(now)
    if policy is None or policy.tradable_months is None:
        return
    made_by = months_before(now, policy.tradable_months)
    late = LotAsset.objects.filter(asset__in=amounts, lot__starts_at__lt=made_by).count()
    if late:
        raise PolicyRefused(
            f"{late} of these certificates were produced more than {policy.tradable_months} "
            "months ago: they can be used, but not traded any more."
        )
