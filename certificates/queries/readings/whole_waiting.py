"""What a device was issued in all, what waits, and what shares have earned of it."""

from datetime import datetime

from django.db.models import Q, Sum

from certificates.domain.sharing import WHOLE_PPM
from certificates.models import Agreement, CorrectionPart, DebtMove, Device, Lot
from certificates.queries.readings.tallies import HERE, readings_in_force
from ledger.models import Account, Posting


def issued_wh(device: Device) -> int:
    """All that was ever issued of a device, Wh; what the chain refused does not count."""
    return _sum(Lot.objects.standing().filter(device=device))


def waiting_wh(device: Device, now: datetime) -> int:
    """What is generated and still to be issued, Wh, over all intervals of a device."""
    generated = _sum(readings_in_force(device, now).filter(energy_wh__gt=0), "energy_wh")
    parts = CorrectionPart.objects.standing().filter(correction__device=device)
    elsewhere = _sum(parts.exclude(source__in=HERE))
    standing = issued_wh(device) - _sum(parts.filter(source__in=HERE))
    moves = DebtMove.objects.filter(device=device)
    owed = _sum(moves.filter(kind=DebtMove.Kind.CORRECTION))
    paid = _sum(moves.filter(kind__in=[DebtMove.Kind.WITHHELD, DebtMove.Kind.RELEASED]))
    return generated + elsewhere + owed - standing + paid


def dues(device: Device) -> dict[int, int]:
    """What each account has earned by its shares and not been given, in millionths of a Wh.

    In the order in which they were agreed. An agreement earns of lots that were issued since
    it was made, for production in its period.
    """
    found: dict[int, int] = {}
    covered: dict[int, Q] = {}
    for agreement in device.agreements.filter(share_ppm__gt=0).select_related("to").order_by("pk"):
        account = agreement.to.account_id
        lots = _lots_of(agreement)
        earned = _sum(Lot.objects.standing().filter(lots, device=device)) * agreement.share_ppm
        found[account] = found.get(account, 0) + earned
        covered[account] = covered.get(account, Q()) | lots
    for account, lots in covered.items():
        ids = Lot.objects.standing().filter(lots, device=device).values("entry")
        given = Posting.objects.filter(
            entry__in=ids, source__system=Account.System.ISSUED, destination=account
        )
        found[account] -= _sum(given, "amount") * WHOLE_PPM
    return found


def _lots_of(agreement: Agreement) -> Q:
    ends_at = agreement.ended_from or agreement.ends_at
    lots = Q(starts_at__gte=agreement.starts_at, issued_at__gte=agreement.agreed_at)
    return lots & Q(starts_at__lt=ends_at) if ends_at else lots


def _sum(rows, name: str = "amount_wh") -> int:  # type: ignore[no-untyped-def]
    return int(rows.aggregate(wh=Sum(name))["wh"] or 0)
