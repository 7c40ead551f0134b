"""The end of certificates: after the registry's term nobody can use them any more."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

from django.db import transaction

from certificates.domain.terms import months_before
from certificates.queries.holding.expiring import Expiring, expiring, expiring_elsewhere
from certificates.queries.policies import policy_at
from certificates.queries.readings.debts import overdue_debts
from certificates.services import notices
from ledger.models import Account, Entry
from ledger.services import audit
from ledger.services.accounts import system_account
from ledger.services.book import Draft, Move, post_entries

CHUNK = 1_000  # holdings in one transaction
USUAL_NOTICE_DAYS = 30  # where the registry has no terms of its own
Find = Callable[[datetime, int], Iterator[Expiring]]


def expire(*, now: datetime, actor: object = "registry") -> int:
    """Take out of use what is held of lots whose term has ended; returns the Wh.

    Each holding in an entry of its own, by chunks; again finds only what is left. Where the
    registry has set no term, only what came from another registry with an end expires.
    """
    total = 0
    while chunk := _expire_chunk(expiring_elsewhere, now, now, actor):
        total += chunk
    policy = policy_at(now)
    if policy is None or policy.usable_months is None:
        return total
    before = months_before(now, policy.usable_months)
    while chunk := _expire_chunk(expiring, before, now, actor):
        total += chunk
    return total


@transaction.atomic
def warn(*, now: datetime) -> int:
    """Tell holders, once for each month of production, what will expire soon.

    Returns how many notices are new.
    """
    before = notices.count()
    policy = policy_at(now)
    _warn_elsewhere(policy.expiry_notice_days if policy else USUAL_NOTICE_DAYS, now)
    if policy is None or policy.usable_months is None:
        return notices.count() - before
    soon = months_before(now + timedelta(days=policy.expiry_notice_days), policy.usable_months)
    ended = months_before(now, policy.usable_months)
    sums: dict[tuple[int, str], int] = defaultdict(int)
    for row in expiring(soon):
        if row.ends_at > ended:
            sums[row.organisation, f"{row.ends_at:%Y-%m}"] += row.amount_wh
    for (organisation, month), wh in sorted(sums.items()):
        notices.send(
            key=f"expires-soon:{organisation}:{month}",
            organisation_id=organisation,
            kind=notices.Kind.EXPIRES_SOON,
            message=(
                f"{wh} Wh of certificates produced in {month} expire within "
                f"{policy.expiry_notice_days} days. Use or sell them before."
            ),
            amount_wh=wh,
            now=now,
        )
    return notices.count() - before


def _warn_elsewhere(days: int, now: datetime) -> None:
    sums: dict[tuple[int, str], int] = defaultdict(int)
    for row in expiring_elsewhere(now + timedelta(days=days)):
        if row.ends_at > now:
            sums[row.organisation, f"{row.ends_at:%Y-%m-%d}"] += row.amount_wh
    for (organisation, day), wh in sorted(sums.items()):
        notices.send(
            key=f"expires-elsewhere:{organisation}:{day}",
            organisation_id=organisation,
            kind=notices.Kind.EXPIRES_SOON,
            message=(
                f"{wh} Wh of certificates from another registry expire on {day}, as that registry "
                "set. Use or sell them before."
            ),
            amount_wh=wh,
            now=now,
        )


@transaction.atomic
def warn_of_debt(*, now: datetime) -> int:
    """Tell owners of devices whose debt is older than the registry allows; how many are new."""
    before = notices.count()
    for debt in overdue_debts(now):
        notices.send(
            key=f"debt-overdue:{debt.device.pk}:{debt.since:%Y-%m-%d}",
            organisation_id=debt.device.organisation_id,
            kind=notices.Kind.DEBT,
            message=(
                f"{debt.device.name} has owed {debt.amount_wh} Wh since {debt.since:%Y-%m-%d}, "
                "longer than this registry allows. Upload further meter data, or have "
                "certificates withdrawn for it."
            ),
            amount_wh=debt.amount_wh,
            now=now,
        )
    return notices.count() - before


@transaction.atomic
def _expire_chunk(find: Find, before: datetime, now: datetime, actor: object) -> int:
    rows = list(find(before, CHUNK))
    if not rows:
        return 0
    expired = system_account(Account.System.EXPIRED).pk
    drafts = [
        Draft(
            f"expire:{now:%Y%m%dT%H%M%S}:{row.account}:{row.code}",
            Entry.Kind.WITHDRAW,
            [Move(row.account, expired, row.asset, row.amount_wh)],
            b"",
        )
        for row in rows
    ]
    post_entries(drafts=drafts, now=now)
    _tell(rows, now)
    total = sum(row.amount_wh for row in rows)
    audit.record(
        actor=actor,
        action="certificates.expired",
        subject=f"{len(rows)} holdings",
        now=now,
        detail={"amount_wh": total, "ended_before": before.isoformat()},
    )
    return total


def _tell(rows: list[Expiring], now: datetime) -> None:
    sums: dict[int, int] = defaultdict(int)
    for row in rows:
        sums[row.organisation] += row.amount_wh
    first = rows[0].balance
    for organisation, wh in sorted(sums.items()):
        notices.send(
            key=f"expired:{now:%Y%m%dT%H%M%S}:{first}:{organisation}",
            organisation_id=organisation,
            kind=notices.Kind.EXPIRED,
            message=f"{wh} Wh of certificates expired: their term has ended.",
            amount_wh=wh,
            now=now,
        )
