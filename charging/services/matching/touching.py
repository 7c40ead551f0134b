"""Marking which days of which company data have touched, so that matching looks at them soon.

Called inside the transaction that changes something. Once that is committed, days that nobody
waits for yet are marked, and the queue is told if nothing was marked before: however many
changes come together, one run follows. Whatever is lost on the way is found by the sweeps.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime

from celery import current_app
from django.conf import settings
from django.db import transaction

from certificates.models import LotAsset, Organisation, Role
from charging.models import TouchedDay
from ledger.services.asking import ask

TASK = "charging.rematch"
LOOK_UP = 500  # ids in one query
Day = tuple[int, date]  # organisation id, UTC day


@dataclass(slots=True)
class _Touched:
    """What one transaction touched; called once that is committed."""

    days: set[Day] = field(default_factory=set)
    assets: set[tuple[int, int]] = field(default_factory=set)  # account id, asset id
    given: set[tuple[int, date]] = field(default_factory=set)  # account id, UTC day

    def __call__(self) -> None:
        companies = _companies() if self.assets or self.given else {}
        days = self.days | _days_of(self.assets, companies)
        days |= {(companies[account], day) for account, day in self.given if account in companies}
        if days and _mark(days):
            nudge()


def touch(organisation_id: int, starts: Iterable[datetime]) -> None:
    """Intervals of a company's charges changed, given by their starts (aware UTC)."""
    _gather(_Touched(days={(organisation_id, start.date()) for start in starts}))


def touch_assets(held: Iterable[tuple[int, int]]) -> None:
    """What accounts hold changed: (account id, asset id)."""
    _gather(_Touched(assets=set(held)))


def touch_days(given: Iterable[tuple[int, date]]) -> None:
    """Accounts were given certificates of UTC days: (account id, day)."""
    _gather(_Touched(given=set(given)))


def nudge() -> None:
    """Ask the worker to look at the marked days, a little later: more may come until then."""
    ask(current_app.signature(TASK, countdown=settings.REMATCH_AFTER_S))


def _gather(more: _Touched) -> None:
    """Put everything that a transaction touches together, however many calls that takes."""
    for _, callback, _ in transaction.get_connection().run_on_commit:
        if isinstance(callback, _Touched):
            callback.days |= more.days
            callback.assets |= more.assets
            callback.given |= more.given
            return
    transaction.on_commit(more, robust=True)


def _mark(days: set[Day]) -> bool:
    """Mark days; whether these are the only ones, so that no run is on its way."""
    # A mark that no run has taken yet will be looked at after this commit: that is enough.
    untaken = TouchedDay.objects.filter(taken_by__isnull=True)
    known = set(
        untaken.filter(organisation__in={company for company, _ in days}).values_list(
            "organisation", "day"
        )
    )
    fresh = sorted(days - known)
    if not fresh:
        return False
    is_first = not untaken.exists()
    TouchedDay.objects.bulk_create(
        [TouchedDay(organisation_id=company, day=day) for company, day in fresh],
        update_conflicts=True,
        unique_fields=["organisation", "day"],
        update_fields=["taken_by"],
        batch_size=LOOK_UP,
    )
    return is_first


def _companies() -> dict[int, int]:
    """The charging companies, by their accounts."""
    companies = Organisation.objects.filter(roles__role=Role.CHARGING_COMPANY)
    return dict(companies.values_list("account", "pk"))


def _days_of(assets: set[tuple[int, int]], companies: dict[int, int]) -> set[Day]:
    """The days on which charging companies' assets were generated."""
    holders: dict[int, set[int]] = {}
    for account, asset in assets:
        if account in companies:
            holders.setdefault(asset, set()).add(companies[account])
    days: set[Day] = set()
    ids = sorted(holders)
    for begin in range(0, len(ids), LOOK_UP):
        lots = LotAsset.objects.filter(asset__in=ids[begin : begin + LOOK_UP])
        for asset, start in lots.values_list("asset", "lot__starts_at"):
            days.update((company, start.date()) for company in holders[asset])
    return days
