"""Certificate number k of a device: Wh numbers [k x 1,000,000, (k + 1) x 1,000,000)."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import F, Q, Sum

from certificates.domain.odometer import CERTIFICATE_WH, Stretch, overlap
from certificates.models import CorrectionPart, Device, Lot, OwnRetirement, Retirement
from ledger.models import Account, Balance


@dataclass(frozen=True, slots=True)
class RetiredStretch:
    """Wh numbers used for one claim, for one attribute (renewable or emissions).

    Where the holder retired them at an address of its own, `is_own`: the beneficiary is then
    unknown, and the reference is what the holder's transaction said.
    """

    attribute: str
    stretch: Stretch
    retirement_id: int
    reference: str
    claimant: str
    beneficiary: str
    retired_at: datetime
    is_own: bool = False


@dataclass(frozen=True, slots=True)
class Held:
    """What a holder has of a lot. Held Wh bear no numbers yet: a lot is fungible until retired."""

    holder: str
    mask: int
    amount_wh: int


@dataclass(frozen=True, slots=True)
class Hole:
    """Wh numbers that were taken out of use unretired; nobody can ever use them.

    Retirement takes a lot's numbers from its first on, so what was withdrawn or expired
    lies at its end. `corrected_wh` of the lot was withdrawn because its interval was
    corrected, `expired_wh` expired.
    """

    stretch: Stretch
    corrected_wh: int
    expired_wh: int


@dataclass(frozen=True, slots=True)
class CertificateHour:
    """A lot and the part of it that lies in this certificate.

    `hole` is what of that part was withdrawn or expired.
    """

    lot_id: int
    starts_at: datetime
    length_minutes: int
    lot_wh: int
    stretch: Stretch
    retired: tuple[RetiredStretch, ...]
    held: tuple[Held, ...]
    hole: Hole | None = None


@dataclass(frozen=True, slots=True)
class Certificate:
    """One MWh of a device: the hours it was made in. Complete once the odometer passed its end."""

    device: Device
    number: int
    stretch: Stretch
    hours: tuple[CertificateHour, ...]
    is_complete: bool

    @property
    def issued_wh(self) -> int:
        return sum(hour.stretch.amount_wh for hour in self.hours)

    @property
    def withdrawn_wh(self) -> int:
        return sum(hour.hole.stretch.amount_wh for hour in self.hours if hour.hole)


def look_up(device: Device, number: int) -> Certificate:
    """Certificate `number`, from 0, of a device. Only certified lots have Wh numbers."""
    whole = Stretch(number * CERTIFICATE_WH, (number + 1) * CERTIFICATE_WH)
    certified = Lot.objects.standing().filter(device=device, first_wh__isnull=False)
    # Lots follow each other on the odometer: only the last one that starts at or before the
    # beginning can reach into the certificate from the left.
    left = certified.filter(first_wh__lte=whole.first).order_by("-first_wh").first()
    inside = certified.filter(first_wh__gt=whole.first, first_wh__lt=whole.end)
    lots = [*([left] if left else []), *inside.order_by("first_wh")]
    parts = [(lot, overlap(whole, Stretch(_first(lot), _end(lot)))) for lot in lots]
    kept = [(lot, part) for lot, part in parts if part is not None]
    retired = _retired((lot for lot, _ in kept), whole)
    held = _held(lot for lot, _ in kept)
    holes = _holes([lot for lot, _ in kept], whole)
    hours = tuple(
        CertificateHour(
            lot_id=lot.pk,
            starts_at=lot.starts_at,
            length_minutes=lot.length_minutes,
            lot_wh=lot.amount_wh,
            stretch=part,
            retired=tuple(retired.get(lot.pk, ())),
            held=tuple(held.get(lot.pk, ())),
            hole=holes.get(lot.pk),
        )
        for lot, part in kept
    )
    total = sum(part.amount_wh for _, part in kept)
    return Certificate(device, number, whole, hours, is_complete=total == whole.amount_wh)


def odometer_wh(device: Device) -> int:
    """Certified Wh of a device so far, where the next lot's numbers begin."""
    certified = Lot.objects.standing().filter(device=device, first_wh__isnull=False)
    last = certified.order_by("-first_wh").first()
    return _end(last) if last else 0


def _first(lot: Lot) -> int:
    return lot.first_wh or 0


def _end(lot: Lot) -> int:
    return _first(lot) + lot.amount_wh


def _retired(lots: Iterable[Lot], whole: Stretch) -> dict[int, list[RetiredStretch]]:
    pks = [lot.pk for lot in lots]
    numbered = Q(first_renewable_wh__isnull=False) | Q(first_emissions_wh__isnull=False)
    ours = Retirement.objects.standing().filter(numbered, lot__in=pks).select_related("claimant")
    own = OwnRetirement.objects.filter(numbered, lot__in=pks).select_related("organisation")
    found: dict[int, list[RetiredStretch]] = {}
    for row in [*ours, *own]:
        for stretch in _stretches(row, whole):
            found.setdefault(row.lot_id, []).append(stretch)
    for stretches in found.values():
        stretches.sort(key=lambda each: (each.stretch, each.attribute != "renewable"))
    return found


def _stretches(row: Retirement | OwnRetirement, whole: Stretch) -> Iterator[RetiredStretch]:
    """The parts of a retirement's numbers that lie in this certificate, by attribute."""
    if isinstance(row, OwnRetirement):
        claimant, beneficiary, is_own = row.organisation.name, "", True
    else:
        claimant, beneficiary, is_own = row.claimant.name, row.beneficiary, False
    firsts = {"renewable": row.first_renewable_wh, "emissions": row.first_emissions_wh}
    for attribute, first in firsts.items():
        part = None if first is None else overlap(whole, Stretch(first, first + row.amount_wh))
        if part is not None:
            yield RetiredStretch(
                attribute=attribute,
                stretch=part,
                retirement_id=row.pk,
                reference=row.reference,
                claimant=claimant,
                beneficiary=beneficiary,
                retired_at=row.retired_at,
                is_own=is_own,
            )


def _held(lots: Iterable[Lot]) -> dict[int, list[Held]]:
    found: dict[int, list[Held]] = {}
    rows = Balance.objects.filter(
        asset__lot_asset__lot__in=[lot.pk for lot in lots], amount__gt=0, account__system=""
    )
    for lot, mask, name, amount in rows.order_by("-amount", "account__name").values_list(
        "asset__lot_asset__lot", "asset__lot_asset__mask", "account__name", "amount"
    ):
        found.setdefault(lot, []).append(Held(name, mask, amount))
    return found


def _holes(lots: Sequence[Lot], whole: Stretch) -> dict[int, Hole]:
    gone: dict[int, dict[str, int]] = {}
    rows = Balance.objects.filter(
        asset__lot_asset__lot__in=lots,
        asset__lot_asset__mask=F("asset__lot_asset__lot__mask"),
        account__system__in=[Account.System.WITHDRAWN, Account.System.EXPIRED],
        amount__gt=0,
    )
    for pk, system, wh in rows.values_list("asset__lot_asset__lot", "account__system", "amount"):
        gone.setdefault(pk, {})[system] = wh
    if not gone:
        return {}
    parts = CorrectionPart.objects.standing().filter(lot__in=list(gone))
    corrected = dict(parts.values_list("lot").annotate(wh=Sum("amount_wh")))
    holes = {}
    for lot in lots:
        amounts = gone.get(lot.pk, {})
        stretch = overlap(whole, Stretch(_end(lot) - sum(amounts.values()), _end(lot)))
        if stretch is not None:
            expired = amounts.get(Account.System.EXPIRED, 0)
            holes[lot.pk] = Hole(stretch, corrected.get(lot.pk, 0), expired)
    return holes
