"""What a device owes: certified but not generated, or consumed under the policy net."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db.models import Sum

from certificates.models import Correction, DebtMove, Device
from ledger.models.bulk import insert

Kind = DebtMove.Kind
Row = tuple[datetime, int, str, int, int | None]  # start, minutes, kind, Wh, correction
PAYMENTS = (Kind.WITHHELD, Kind.RELEASED)


def post(*, device: Device, rows: Iterable[Row], now: datetime) -> None:
    """Write changes of a device's debt; those of nothing are left out."""
    insert(
        DebtMove,
        ["device", "starts_at", "length_minutes", "kind", "amount_wh", "correction", "posted_at"],
        [
            (device.pk, at, minutes, str(kind), wh, correction, now)
            for at, minutes, kind, wh, correction in rows
            if wh
        ],
    )


def give_back(*, device: Device, amount_wh: int, now: datetime) -> list[datetime]:
    """Release what was withheld beyond the debt, the latest interval first.

    Returns the intervals whose certificates wait again.
    """
    paid = (
        DebtMove.objects.filter(device=device, kind__in=PAYMENTS)
        .values_list("starts_at", "length_minutes")
        .annotate(wh=Sum("amount_wh"))
        .filter(wh__lt=0)
        .order_by("-starts_at")
    )
    rows: list[Row] = []
    for at, minutes, wh in paid:
        if not amount_wh:
            break
        part = min(amount_wh, -wh)
        amount_wh -= part
        rows.append((at, minutes, Kind.RELEASED, part, None))
    post(device=device, rows=rows, now=now)
    return [row[0] for row in rows]


def latest(corrections: Sequence[Correction]) -> dict[datetime, Correction]:
    """The last correction of each interval."""
    return {each.starts_at: each for each in sorted(corrections, key=lambda each: each.pk)}
