"""What an act of storage set apart, and who gets back what of it was not used."""

from collections.abc import Collection
from datetime import datetime

from certificates.errors import StorageRefused
from certificates.models import StorageAct
from certificates.queries.holding.selecting import held_in
from certificates.services.holding.moving import moves_between, post_moves


def account_of(act: StorageAct) -> int:
    """The act's own account, by id. Raises: StorageRefused where it set nothing apart."""
    if act.sub_account is None:
        raise StorageRefused("This act set nothing apart.")
    return int(act.sub_account.account_id)


def give_back(act: StorageAct, mark: str, now: datetime) -> int:
    """What is left in the act's account goes back to who set it apart; returns the Wh."""
    if act.sub_account is None:
        return 0
    account = account_of(act)
    amounts = {row.asset_id: row.amount_wh for row in held_in(account)}
    if amounts:
        moves = moves_between(account, act.sub_account.organisation.account_id, amounts)
        post_moves(key=f"storage-act:{act.pk}:{mark}", moves=moves, now=now)
    return sum(amounts.values())


def ended_by(entry_ids: Collection[int]) -> list[StorageAct]:
    """The ended acts whose accounts these entries took something out of."""
    ended = StorageAct.objects.exclude(status=StorageAct.Status.SCHEDULED)
    found = ended.filter(sub_account__account__postings_out__entry__in=entry_ids).distinct()
    return list(found.select_related("device__organisation", "sub_account__organisation"))
