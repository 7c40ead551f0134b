"""Standing agreements: a share of a device's production goes to another organisation."""

from datetime import datetime

from django.db import transaction

from certificates.domain.sharing import WHOLE_PPM, highest_total
from certificates.errors import AgreementRefused
from certificates.models import Agreement, Device, Organisation
from ledger.services import audit

ALWAYS = datetime.fromisoformat("1970-01-01T00:00:00+00:00")


@transaction.atomic
def agree(
    *,
    device: Device,
    to: Organisation,
    share_ppm: int,
    now: datetime,
    period: tuple[datetime, datetime | None] = (ALWAYS, None),
    actor: object = "registry",
) -> Agreement:
    """Give a share, in parts per million, of what the device produces in a period.

    It applies when lots are issued, never to lots already issued. The same agreement
    again answers with the first.
    Raises: AgreementRefused.
    """
    starts_at, ends_at = period
    _check(device, to, share_ppm, period)
    # The sum over the period is a rule over several rows; the lock makes it hold in a race.
    Device.objects.select_for_update().get(pk=device.pk)
    facts = {"to": to, "share_ppm": share_ppm, "starts_at": starts_at, "ends_at": ends_at}
    known = device.agreements.filter(**facts).first()
    if known:
        return known
    others = list(device.agreements.values_list("starts_at", "ends_at", "share_ppm"))
    total = highest_total([*others, (starts_at, ends_at, share_ppm)])
    if total > WHOLE_PPM:
        raise AgreementRefused(
            f"With this, {total} ppm of {device.name} would be given away at some time; the "
            f"whole is {WHOLE_PPM} ppm. Lower the share or choose another period."
        )
    agreement = Agreement.objects.create(device=device, agreed_at=now, **facts)
    audit.record(
        now=now,
        actor=actor,
        action="agreement.made",
        subject=device,
        detail={"to": to.slug, "ppm": share_ppm},
    )
    return agreement


def _check(
    device: Device,
    to: Organisation,
    share_ppm: int,
    period: tuple[datetime, datetime | None],
) -> None:
    starts_at, ends_at = period
    if not 0 < share_ppm <= WHOLE_PPM:
        raise AgreementRefused(f"A share is between 1 and {WHOLE_PPM} ppm, not {share_ppm}.")
    if ends_at is not None and ends_at <= starts_at:
        raise AgreementRefused("The agreement ends before it starts.")
    if to.pk == device.organisation_id:
        raise AgreementRefused(f"{to.name} owns the device and keeps the rest anyway.")
