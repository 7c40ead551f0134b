"""Locking, reserving, releasing and withdrawing what an organisation holds."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from certificates.domain.holding_states import ACTIVE, LOCKED, RESERVED, TRANSITIONS, check
from certificates.errors import HoldingRefused, TransferRefused
from certificates.models import Organisation, SubAccount
from certificates.queries.holding.holdings import PURPOSES
from certificates.services.holding.moving import (
    LOOK_UP,
    check_certificates,
    moves_between,
    post_moves,
)
from certificates.services.holding.whole_acts import check_whole
from ledger.models import Account, Balance, Entry
from ledger.services import audit
from ledger.services.accounts import open_account, system_account

HERE = ("reserve", "release", "lock", "unlock", "withdraw")


@dataclass(frozen=True, slots=True)
class Change:
    """Wh of each asset (by id) that an organisation has in one state, and what happens to them.

    `state` is what they are now; left out where the event knows only one.
    """

    event: str
    organisation: Organisation
    amounts: Mapping[int, int]
    state: str = ""

    @property
    def before(self) -> str:
        return self.state or TRANSITIONS[self.event].sources[0]


@transaction.atomic
def change_state(
    *, change: Change, key: str, now: datetime, reason: str = "", actor: object = "registry"
) -> int:
    """Reserve, release, lock, unlock or withdraw, all or none, once per key.

    Returns the first entry's id.
    Raises: HoldingRefused, WholeCertificatesOnly, ledger.errors.KeyReused,
    ledger.errors.Overdrawn.
    """
    if change.event not in HERE:
        raise HoldingRefused(f"To {change.event} certificates is an act of its own.")
    check(change.event, change.before)
    if change.before not in (ACTIVE, *PURPOSES):
        raise HoldingRefused(
            f"What is {change.before} belongs to an act of its own. End that act first."
        )
    source = account_of(change.organisation, change.before)
    target = TRANSITIONS[change.event].target
    if target in (ACTIVE, RESERVED, LOCKED):
        destination, kind = account_of(change.organisation, target), Entry.Kind.TRANSFER
    else:
        destination = system_account(Account.System.WITHDRAWN).pk
        kind = Entry.Kind.WITHDRAW
    is_new = not Entry.objects.filter(key=key).exists()
    if is_new:
        _check_amounts(change, source)
        check_whole(change.amounts)
    moves = moves_between(source, destination, change.amounts)
    entry = post_moves(key=key, moves=moves, now=now, kind=kind)[0]
    if is_new:
        audit.record(
            actor=actor,
            action=f"certificates.{change.event}",
            subject=change.organisation,
            now=now,
            detail={
                "entry": entry,
                "was": change.before,
                "amount_wh": sum(change.amounts.values()),
                "reason": reason,
            },
        )
    return entry


def account_of(organisation: Organisation, state: str) -> int:
    """The account in which an organisation keeps certificates of a state; opened when needed."""
    if state == ACTIVE:
        return int(organisation.account_id)
    purpose = PURPOSES[state]
    found = SubAccount.objects.filter(organisation=organisation, purpose=purpose).first()
    if found is None:
        # The lock lets one of two acts at once open the account.
        Organisation.objects.select_for_update().get(pk=organisation.pk)
        found = SubAccount.objects.filter(organisation=organisation, purpose=purpose).first()
    if found is None:
        account = open_account(name=f"{organisation.name} ({purpose.label.lower()})"[:200])
        found = SubAccount.objects.create(
            organisation=organisation, purpose=purpose, account=account
        )
    return int(found.account_id)


def _check_amounts(change: Change, account: int) -> None:
    amounts = change.amounts
    try:
        check_certificates(amounts)
    except TransferRefused as error:
        raise HoldingRefused(str(error)) from None
    held: dict[int, int] = {}
    assets = sorted(amounts)
    for begin in range(0, len(assets), LOOK_UP):
        some = Balance.objects.filter(account=account, asset__in=assets[begin : begin + LOOK_UP])
        held |= dict(some.values_list("asset", "amount"))
    for asset, wh in sorted(amounts.items()):
        if held.get(asset, 0) < wh:
            raise HoldingRefused(
                f"{change.organisation.name} has {held.get(asset, 0)} Wh of certificate {asset} "
                f"{change.before}, {wh} Wh are needed. Choose less."
            )


def set_apart(organisation: Organisation, purpose: str, name: str) -> SubAccount:
    """An account for one act, beside the organisation's main one."""
    account = open_account(name=f"{organisation.name} ({name})"[:200])
    return SubAccount.objects.create(organisation=organisation, purpose=purpose, account=account)
