"""Certificates are used for a beneficiary period after period, until the order ends."""

import logging
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import transaction

from certificates.domain import order_states as states
from certificates.domain.selection import TECHNOLOGIES, Criteria, request_hash
from certificates.domain.sharing import WHOLE_PPM
from certificates.domain.standing_orders import Measure, Period, Span
from certificates.errors import CertificatesError, OrderRefused
from certificates.models import Cancellation, Device, Organisation, StandingOrder, StandingRun
from certificates.queries.holding.standing_orders import due_at, next_period, pick, span_of
from certificates.services import notices
from certificates.services.holding import cancellations
from certificates.services.holding.agreements import MOST_WH_PER_HOUR
from certificates.services.holding.cancellations import Beneficiary, CancellationRequest
from ledger.errors import KeyReused, LedgerError
from ledger.services import audit

logger = logging.getLogger(__name__)
LONGEST_WAIT_DAYS = 90
MOST_WH_PER_RUN = 10**15
LAST_YEAR = 2200  # that a calendar can mean here
NO_END = datetime.max.replace(tzinfo=UTC)
IN_ONE_RUN = 100  # periods carried out in one run of the task
Status = StandingOrder.Status


@dataclass(frozen=True, slots=True)
class OrderTerms:
    """What is used of what. Left out, a plant, kind (a word such as wind) or area does not
    narrow. The beneficiary's period of use is the order's own; each run uses its period's.
    """

    measure: Measure
    span: Span
    beneficiary: Beneficiary
    device: Device | None = None
    technology: str = ""
    area: str = ""
    wait_days: int = 5

    def hash(self, holder: Organisation) -> bytes:
        told, span, measure = self.beneficiary, self.span, self.measure
        words = [told.kind, told.country, told.purpose, told.name]
        words += [told.address, told.location, told.note]
        ends = span.ends_at.timestamp() if span.ends_at else None
        return request_hash(
            {
                "words": words,
                "of": [self.device.gsrn if self.device else "", self.technology, self.area],
                "measure": [measure.share_ppm, measure.wh_per_hour, measure.wh_per_run],
                "span": [span.every, span.starts_at.timestamp(), ends, self.wait_days],
                "holder": holder.slug,
            }
        )


def for_whom(span: Span, **told: str) -> Beneficiary:
    """The beneficiary of an order. Each run names its own period of use; until then it is the
    order's.
    """
    return Beneficiary(
        **told,
        consumption_starts_at=span.starts_at,
        consumption_ends_at=span.ends_at or NO_END,
    )


@transaction.atomic
def order(
    *,
    holder: Organisation,
    terms: OrderTerms,
    key: str,
    now: datetime,
    actor: object = "registry",
) -> StandingOrder:
    """Use certificates from the running period on, once per key of the holder.

    Raises: OrderRefused, CancellationRefused, ledger.errors.KeyReused.
    """
    _check(terms, now)
    cancellations.check(CancellationRequest(holder, Criteria(), terms.beneficiary, key))
    # The lock lets one of two requests with one key at once act.
    Organisation.objects.select_for_update().get(pk=holder.pk)
    known = StandingOrder.objects.filter(holder=holder, key=key).first()
    if known:
        if bytes(known.request_hash) != terms.hash(holder):
            raise KeyReused(f"Key {key} was already used for another standing order.")
        return known
    made = StandingOrder.objects.create(
        holder=holder,
        key=key,
        request_hash=terms.hash(holder),
        ordered_at=now,
        **_terms_kept(holder, terms),
    )
    _log(made, "made", now, actor)
    return made


def pause(*, order: StandingOrder, by: Organisation, now: datetime, actor: object) -> StandingOrder:
    """Nothing is used until it is resumed. Raises: OrderRefused."""
    return _go("pause", order, by, now, actor)


def resume(
    *, order: StandingOrder, by: Organisation, now: datetime, actor: object
) -> StandingOrder:
    """Go on with the first period that is not due yet: what came due meanwhile is left out, so
    that nothing is used at once. Raises: OrderRefused.
    """
    return _go("resume", order, by, now, actor)


def end(*, order: StandingOrder, by: Organisation, now: datetime, actor: object) -> StandingOrder:
    """Nothing more is used; what was stays used. Raises: OrderRefused."""
    return _go("end", order, by, now, actor)


def run_due(*, now: datetime) -> int:
    """Carry out every period whose time has come, each in its own transaction; returns how many.

    An order that cannot be carried out says why, and is tried again by the next run.
    """
    done = 0
    for one in StandingOrder.objects.filter(status=Status.ACTIVE).order_by("pk"):
        try:
            while done < IN_ONE_RUN and run_next(order=one, now=now) is not None:
                done += 1
        except (CertificatesError, LedgerError) as error:
            _note_problem(one, str(error), now)
    return done


@transaction.atomic
def run_next(*, order: StandingOrder, now: datetime) -> StandingRun | None:
    """Carry out the next period, if its time has come; a period is carried out once.

    Raises: as `cancellations.cancel`.
    """
    locked = StandingOrder.objects.select_related("holder", "device")
    locked_order = locked.select_for_update(of=("self",)).get(pk=order.pk)
    period = next_period(locked_order)
    if locked_order.status != Status.ACTIVE or period is None:
        return None
    if due_at(locked_order, period) > now:
        return None
    used = _use(locked_order, period, now)
    made = StandingRun.objects.create(
        order=locked_order, starts_at=period[0], ends_at=period[1], cancellation=used, ran_at=now
    )
    if locked_order.problem:
        locked_order.problem = ""
        locked_order.save(update_fields=["problem"])
    _tell(locked_order, period, used, now)
    return made


def _use(order: StandingOrder, period: Period, now: datetime) -> Cancellation | None:
    picked = pick(order, period)
    if not picked:
        return None
    request = CancellationRequest(
        holder=order.holder,
        criteria=Criteria(picked={row.asset_id: row.amount_wh for row in picked}),
        beneficiary=Beneficiary(
            kind=order.beneficiary_kind,
            name=order.beneficiary,
            address=order.address,
            country=order.country,
            location=order.location,
            purpose=order.purpose,
            note=order.note,
            consumption_starts_at=period[0],
            consumption_ends_at=period[1],
        ),
        key=f"order:{order.pk}:{period[0]:%Y%m%dT%H%M%S}",
    )
    return cancellations.cancel(request=request, now=now, actor=f"standing order {order.pk}")


def _terms_kept(holder: Organisation, terms: OrderTerms) -> dict[str, Any]:
    """The columns of an order that say what is used of what, when and for whom."""
    told, span, measure = terms.beneficiary, terms.span, terms.measure
    return {
        "device": terms.device,
        "technology": terms.technology,
        "area": terms.area,
        "share_ppm": measure.share_ppm,
        "wh_per_hour": measure.wh_per_hour,
        "wh_per_run": measure.wh_per_run,
        "every": span.every,
        "wait_days": terms.wait_days,
        "starts_at": span.starts_at,
        "ends_at": span.ends_at,
        "runs_from": span.starts_at,
        "beneficiary_kind": told.kind,
        "beneficiary": told.name or holder.name,
        "address": told.address,
        "country": told.country.upper(),
        "location": told.location,
        "purpose": told.purpose,
        "note": told.note,
    }


def _check(terms: OrderTerms, now: datetime) -> None:
    measure, span = terms.measure, terms.span
    given = [measure.share_ppm or None, measure.wh_per_hour, measure.wh_per_run]
    if sum(each is not None for each in given) != 1:
        raise OrderRefused(
            "Give a share, Wh of every hour, or Wh of each period: one of the three."
        )
    if not 0 <= measure.share_ppm <= WHOLE_PPM:
        raise OrderRefused(f"A share is between 1 and {WHOLE_PPM} ppm, not {measure.share_ppm}.")
    for wh, most in (
        (measure.wh_per_hour, MOST_WH_PER_HOUR),
        (measure.wh_per_run, MOST_WH_PER_RUN),
    ):
        if wh is not None and not 0 < wh <= most:
            raise OrderRefused(f"An amount is between 1 and {most} Wh, not {wh}.")
    if terms.technology and terms.technology not in TECHNOLOGIES:
        raise OrderRefused(f"{terms.technology!r} is no kind of plant: {', '.join(TECHNOLOGIES)}.")
    if not 0 <= terms.wait_days <= LONGEST_WAIT_DAYS:
        raise OrderRefused(f"It can wait up to {LONGEST_WAIT_DAYS} days after a period.")
    if span.every not in StandingOrder.Every.values:
        raise OrderRefused(f"It runs every day or month, not every {span.every}.")
    _check_span(span, now)


def _check_span(span: Span, now: datetime) -> None:
    if span.starts_at.tzinfo is None or (span.ends_at is not None and span.ends_at.tzinfo is None):
        raise OrderRefused("An order's period needs its time zone, such as Z.")
    if span.ends_at is not None and span.ends_at <= span.starts_at:
        raise OrderRefused("The order ends before it starts.")
    if (span.ends_at or span.starts_at).year > LAST_YEAR:
        raise OrderRefused(f"An order starts and ends by the year {LAST_YEAR}.")
    running = Span(span.every, datetime.min.replace(tzinfo=now.tzinfo)).period_at(now)
    if running is not None and span.starts_at < running[0]:
        raise OrderRefused(
            f"It starts with what is produced from {running[0]:%Y-%m-%d} on at the earliest: a "
            "past period would be used at once. Use certificates of earlier production directly."
        )


def _go(
    event: str, order: StandingOrder, by: Organisation, now: datetime, actor: object
) -> StandingOrder:
    with transaction.atomic():
        found = StandingOrder.objects.select_related("holder").select_for_update(of=("self",))
        locked = found.get(pk=order.pk)
        if by.pk != locked.holder_id:
            raise OrderRefused("Only its holder may change a standing order.")
        if not states.check(event, locked.status):
            return locked
        locked.status = states.TRANSITIONS[event][1]
        if event == "resume":
            locked.runs_from = _first_not_due(locked, now)
        if event == "end":
            locked.ended_at = now
        locked.save(update_fields=["status", "runs_from", "ended_at"])
        _log(locked, locked.status if event != "resume" else "resumed", now, actor)
        return locked


def _first_not_due(order: StandingOrder, now: datetime) -> datetime:
    """The start of the first period, of those that have not run, whose time has not come."""
    period = next_period(order)
    if period is None or due_at(order, period) > now:
        return order.runs_from
    at = now - timedelta(days=order.wait_days)
    found = span_of(order).period_at(max(at, order.starts_at))
    return found[0] if found else at


def _note_problem(order: StandingOrder, words: str, now: datetime) -> None:
    """Said once, not at every try."""
    if order.problem == words[:500]:
        return
    logger.warning("Standing order %s could not run: %s", order.pk, words)
    StandingOrder.objects.filter(pk=order.pk).update(problem=words[:500])
    notices.send(
        key=f"order:{order.pk}:problem:{now:%Y%m%dT%H%M%S}",
        organisation_id=order.holder_id,
        kind=notices.Kind.CANCELLATION,
        message=f"Your standing order {order.pk} could not be carried out: {words}",
        now=now,
    )


def _tell(order: StandingOrder, period: Period, used: Cancellation | None, now: datetime) -> None:
    """Of periods in which nothing fits the first is told, not each: it is one state."""
    if used is None and _was_empty(order, period):
        return
    days = f"{period[0]:%Y-%m-%d} to {period[1] - timedelta(seconds=1):%Y-%m-%d}"
    words = (
        f"Standing order {order.pk}, {days}: nothing that fits was held, so nothing was used. You "
        "are told when something is used again; the order's page shows every period."
    )
    if used is not None:
        words = (
            f"Standing order {order.pk}, {days}: {used.amount_wh} Wh were used for "
            f"{order.beneficiary}, statement {used.number}."
        )
    notices.send(
        key=f"order:{order.pk}:{period[0]:%Y%m%dT%H%M%S}",
        organisation_id=order.holder_id,
        kind=notices.Kind.CANCELLATION,
        message=words,
        amount_wh=used.amount_wh if used else 0,
        now=now,
    )


def _was_empty(order: StandingOrder, period: Period) -> bool:
    """Whether the run before this period used nothing either."""
    before = order.runs.filter(starts_at__lt=period[0]).order_by("-starts_at").first()
    return before is not None and before.cancellation_id is None


def _log(order: StandingOrder, act: str, now: datetime, actor: object) -> None:
    audit.record(
        now=now,
        actor=actor,
        action=f"order.{act}",
        subject=order,
        detail={"measure": order.measure, "every": order.every, "for": order.beneficiary},
    )
