"""Moving certificates from one holder to another."""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from certificates.errors import TransferRefused
from certificates.models import Organisation
from certificates.services.holding import counterparties
from certificates.services.holding.moving import check_certificates, moves_between, post_moves
from certificates.services.holding.trading_terms import check_term
from certificates.services.holding.whole_acts import check_whole
from ledger.models import Entry
from ledger.services import audit


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
    """Move Wh of each asset (by id), all or none, once per key; returns the first entry's id.

    Raises: TransferRefused, CounterpartyRefused, PolicyRefused, WholeCertificatesOnly,
    ledger.errors.KeyReused, ledger.errors.Overdrawn.
    """
    if source.pk == destination.pk:
        raise TransferRefused(f"{source.name} cannot transfer to itself.")
    check_certificates(amounts)
    is_new = not Entry.objects.filter(key=key).exists()
    if is_new:
        counterparties.check(source, destination)
        check_term(amounts, now)
        check_whole(amounts)
    moves = moves_between(source.account_id, destination.account_id, amounts)
    entry = post_moves(key=key, moves=moves, now=now)[0]
    if is_new:
        audit.record(
            now=now,
            actor=actor,
            action="certificates.transferred",
            subject=f"entry {entry}",
            detail={"to": destination.slug, "amount_wh": sum(amounts.values())},
        )
    return entry
