"""Standing orders of an organisation, and what their next run would take."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.db.models import Count, Q, QuerySet, Sum

from certificates.domain.selection import TECHNOLOGIES, Criteria
from certificates.domain.standing_orders import Measure, Period, Span, take
from certificates.domain.whole_certificates import whole_parts
from certificates.errors import SelectionRefused
from certificates.models import Device, LotAsset, Organisation, StandingOrder
from certificates.queries.holding.holdings import Holding
from certificates.queries.holding.selecting import Selection, select

LOOK_UP = 500  # ids in one query
PARTED = (1, 2)  # masks of single attributes


@dataclass(frozen=True, slots=True)
class NextRun:
    """The period that is next, when it runs, and what it would take of what is held now."""

    starts_at: datetime
    ends_at: datetime
    due_at: datetime
    picked: Selection


def orders_of(organisation: Organisation) -> QuerySet[StandingOrder]:
    """Its orders, the latest first, each with its runs and what they used (Wh)."""
    used = Q(runs__cancellation__status="done")
    found = organisation.standing_orders.select_related("device", "holder").annotate(
        run_count=Count("runs"),
        used_wh=Sum("runs__cancellation__amount_wh", filter=used, default=0),
    )
    return found.order_by("-pk")


def span_of(order: StandingOrder) -> Span:
    """What the order covers."""
    return Span(order.every, order.starts_at, order.ends_at)


def next_period(order: StandingOrder) -> Period | None:
    """The first period that has not run; None where the order has run out or was ended."""
    if order.status == StandingOrder.Status.ENDED:
        return None
    last = order.runs.order_by("-ends_at").values_list("ends_at", flat=True).first()
    at = max(order.runs_from, order.starts_at, last or order.starts_at)
    return span_of(order).period_at(at)


def due_at(order: StandingOrder, period: Period) -> datetime:
    """When a period runs: once its data had time to come."""
    return period[1] + timedelta(days=order.wait_days)


def next_run(order: StandingOrder) -> NextRun | None:
    """What would be used if the next period ran now; None where none is left."""
    period = next_period(order)
    if period is None:
        return None
    return NextRun(*period, due_at(order, period), Selection(pick(order, period)))


def pick(order: StandingOrder, period: Period) -> list[Holding]:
    """What the order takes of what its holder has of a period, by time and code.

    Certificates whose attributes were parted are left alone, and of plants that are certified
    in whole MWh only whole ones are taken.
    """
    criteria = Criteria(
        gsrns=(order.device.gsrn,) if order.device else (),
        technology=TECHNOLOGIES.get(order.technology, ""),
        area=order.area,
        starts_at=period[0],
        ends_at=period[1],
    )
    try:
        held = _unparted(select(order.holder, criteria).holdings)
    except SelectionRefused:
        return []
    measure = Measure(order.share_ppm, order.wh_per_hour, order.wh_per_run)
    parts = take([(row.starts_at, row.amount_wh) for row in held], measure)
    whole = set(Device.objects.filter(whole_certificates=True).values_list("pk", flat=True))
    groups = [(row.device_id, row.mask) if row.device_id in whole else None for row in held]
    kept = whole_parts(list(zip(groups, parts, strict=True)))
    return [replace(row, amount_wh=wh) for row, wh in zip(held, kept, strict=True) if wh]


def _unparted(held: Sequence[Holding]) -> list[Holding]:
    single = [row.asset_id for row in held if row.mask in PARTED]
    parted: set[int] = set()
    for begin in range(0, len(single), LOOK_UP):
        found = LotAsset.objects.filter(asset__in=single[begin : begin + LOOK_UP], lot__mask=3)
        parted |= set(found.values_list("asset", flat=True))
    return [row for row in held if row.asset_id not in parted]
