"""Standing agreements: a part of a device's production goes to another organisation."""

from datetime import UTC, datetime, timedelta

from django.db import transaction

from certificates.domain.sharing import WHOLE_PPM, highest_total
from certificates.errors import AgreementRefused
from certificates.models import Agreement, Device, Organisation
from certificates.queries.holding.agreements import standing_shares
from certificates.queries.plants.ownership import handover_ahead, owned_since, owner_when
from certificates.services import notices
from certificates.services.holding import counterparties
from ledger.services import audit

ALWAYS = datetime.fromisoformat("1970-01-01T00:00:00+00:00")
MOST_WH_PER_HOUR = 10**12  # 1 TW: more is a mistyped number
HOUR = timedelta(hours=1)
Period = tuple[datetime, datetime | None]
Measure = tuple[int, int | None]  # ppm, Wh an hour


@transaction.atomic
def agree(
    *,
    device: Device,
    to: Organisation,
    share_ppm: int,
    now: datetime,
    period: Period = (ALWAYS, None),
    actor: object = "registry",
) -> Agreement:
    """Give a share, in parts per million, of what the device produces in a period.

    It applies when lots are issued, never to lots already issued. The same agreement
    again answers with the first.
    Raises: AgreementRefused, CounterpartyRefused.
    """
    return _agree(device, to, (share_ppm, None), period, now, actor)


@transaction.atomic
def agree_hourly(
    *,
    device: Device,
    to: Organisation,
    wh_per_hour: int,
    now: datetime,
    period: Period = (ALWAYS, None),
    actor: object = "registry",
) -> Agreement:
    """Give up to so many Wh of each hour, of what shares leave; otherwise as `agree`."""
    return _agree(device, to, (0, wh_per_hour), period, now, actor)


@transaction.atomic
def end(
    *,
    agreement: Agreement,
    by: Organisation,
    now: datetime,
    ended_from: datetime | None = None,
    actor: object = "registry",
) -> Agreement:
    """End an agreement, by either side, for production from an instant on.

    That is the next full hour when left out, and never earlier: what was produced before is
    shared as agreed, however late its data come. An earlier end than one said before is
    taken, a later one refused.
    Raises: AgreementRefused.
    """
    locked = Agreement.objects.select_related("device__organisation", "to").get(pk=agreement.pk)
    Device.objects.select_for_update().get(pk=locked.device_id)
    locked.refresh_from_db(fields=["ended_from"])
    owner = owner_when(locked.device, locked.agreed_at)
    if by.pk not in (owner.pk, locked.to_id):
        raise AgreementRefused(f"{by.name} is no side of this agreement.")
    at = _end_of(locked, ended_from, now)
    if at is None:
        return locked
    locked.ended_from = at
    locked.save(update_fields=["ended_from"])
    detail = {"to": locked.to.slug, "by": by.slug, "from": at.isoformat()}
    audit.record(
        now=now, actor=actor, action="agreement.ended", subject=locked.device, detail=detail
    )
    notices.send(
        key=f"agreement:{locked.pk}:ended:{at:%Y%m%dT%H%M}",
        organisation_id=locked.to_id if by.pk == owner.pk else owner.pk,
        kind=notices.Kind.AGREEMENT,
        message=f"{by.name} ended the agreement on {locked.measure} of {locked.device.name} for "
        f"what is produced from {at:%Y-%m-%d %H:%M} UTC on.",
        now=now,
    )
    return locked


def _end_of(agreement: Agreement, asked: datetime | None, now: datetime) -> datetime | None:
    """From when on it ends; None where it ends just so already. Raises: AgreementRefused."""
    earliest = next_hour(now)
    if asked is not None and asked < earliest:
        raise AgreementRefused(
            f"It can end from {earliest:%Y-%m-%d %H:%M} UTC on: what is produced before is "
            "shared as agreed."
        )
    at = max(asked or earliest, agreement.starts_at)
    known = agreement.ended_from or agreement.ends_at
    if known is None or known > at:
        return at
    if agreement.ended_from is not None and (asked is None or asked == known):
        return None
    raise AgreementRefused(f"It ends at {known:%Y-%m-%d %H:%M} UTC already.")


def check_terms(device: Device, to: Organisation, measure: Measure, period: Period) -> None:
    """Whether anybody may agree so; `measure` is (ppm, Wh an hour). Raises: AgreementRefused."""
    share_ppm, wh_per_hour = measure
    starts_at, ends_at = period
    if wh_per_hour is not None:
        if share_ppm:
            raise AgreementRefused("Give a share or Wh of each hour, not both.")
        if not 0 < wh_per_hour <= MOST_WH_PER_HOUR:
            raise AgreementRefused(
                f"Wh an hour are between 1 and {MOST_WH_PER_HOUR}, not {wh_per_hour}."
            )
    elif not 0 < share_ppm <= WHOLE_PPM:
        raise AgreementRefused(f"A share is between 1 and {WHOLE_PPM} ppm, not {share_ppm}.")
    if wh_per_hour is not None and device.whole_certificates:
        raise AgreementRefused(
            f"{device.name} is certified in whole MWh, so Wh of an hour cannot be given. Agree on "
            "a share: whole MWh go to the other side as it earns them."
        )
    if starts_at.tzinfo is None or (ends_at is not None and ends_at.tzinfo is None):
        raise AgreementRefused("An agreement's period needs its time zone, such as Z.")
    if ends_at is not None and ends_at <= starts_at:
        raise AgreementRefused("The agreement ends before it starts.")
    if device.kind == Device.Kind.EXTERNAL:
        raise AgreementRefused(
            f"{device.name} is certified by another registry; what is brought in goes to its "
            "owner. Transfer or offer it from there."
        )
    _check_owned(device, period)
    if to.pk == device.organisation_id:
        raise AgreementRefused(f"{to.name} owns the device and keeps the rest anyway.")


def owned_period(device: Device, period: Period) -> Period:
    """A period without a beginning begins with the owner's time, where others had the plant."""
    since = owned_since(device)
    return (since, period[1]) if since and period[0] == ALWAYS else period


def _check_owned(device: Device, period: Period) -> None:
    """An owner agrees on its own time only. Raises: AgreementRefused."""
    ahead, since = handover_ahead(device), owned_since(device)
    if ahead is not None:
        at = ahead.effective_at
        if period[1] is None or period[1] > at:
            raise AgreementRefused(
                f"{device.name} passes to another owner at {at:%Y-%m-%d %H:%M} UTC: agree until "
                "then at most."
            )
    if since is not None and period[0] < since:
        raise AgreementRefused(
            f"{device.name} has this owner since {since:%Y-%m-%d %H:%M} UTC: agree from then on."
        )


def _agree(
    device: Device,
    to: Organisation,
    measure: Measure,
    period: Period,
    now: datetime,
    actor: object,
) -> Agreement:
    # The sum over the period is a rule over several rows; the lock makes it hold in a race.
    device = (
        Device.objects.select_for_update(of=("self",))
        .select_related("organisation")
        .get(pk=device.pk)
    )
    period = owned_period(device, period)
    check_terms(device, to, measure, period)
    starts_at, ends_at = period
    facts = {"to": to, "share_ppm": measure[0], "wh_per_hour": measure[1]}
    facts |= {"starts_at": starts_at, "ends_at": ends_at}
    known = device.agreements.filter(**facts, ended_from=None).first()
    if known:
        return known
    counterparties.check(device.organisation, to)
    others = [(s.starts_at, s.ends_at, s.share_ppm) for s in standing_shares(device)]
    total = highest_total([*others, (starts_at, ends_at, measure[0])])
    if total > WHOLE_PPM:
        raise AgreementRefused(
            f"With this, {total} ppm of {device.name} would be given away at some time; the "
            f"whole is {WHOLE_PPM} ppm. Lower the share or choose another period."
        )
    agreement = Agreement.objects.create(device=device, agreed_at=now, **facts)
    detail = {"to": to.slug, "ppm": measure[0], "wh_per_hour": measure[1]}
    audit.record(now=now, actor=actor, action="agreement.made", subject=device, detail=detail)
    return agreement


def next_hour(now: datetime) -> datetime:
    """From when on an agreement can end at the earliest."""
    whole = now.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    return whole if whole == now else whole + HOUR
