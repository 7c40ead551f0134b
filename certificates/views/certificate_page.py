"""A megawatt-hour as a picture, and a block's contents as lines."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

from certificates.domain.odometer import CERTIFICATE_WH
from certificates.queries.certificate_number import Certificate, RetiredStretch
from ledger.models import Batch

RENEWABLE = "renewable"
UNITS = 1000  # the picture's width


@dataclass(frozen=True, slots=True)
class Segment:
    """A part of the bar: where it starts and how wide it is, in thousandths of the MWh."""

    x: float
    width: float
    kind: str


@dataclass(frozen=True, slots=True)
class Use:
    """A stretch used for one claim, counted within the MWh; the attributes it proves."""

    first: int
    last: int
    attributes: tuple[str, ...]
    claimant: str
    beneficiary: str
    retired_at: datetime

    @property
    def amount_wh(self) -> int:
        """Wh of the stretch."""
        return self.last - self.first + 1


@dataclass(frozen=True, slots=True)
class BatchLine:
    """What one settlement did, in figures."""

    sequence: int
    kind: str
    items: int
    amount_wh: int
    root: str


def draw(certificate: Certificate) -> list[Segment]:
    """The hours as alternating steps, and above them what was retired as renewable."""
    base = certificate.stretch.first
    segments = []
    for index, hour in enumerate(certificate.hours):
        segments.append(
            _segment(hour.stretch.first - base, hour.stretch.amount_wh, f"hour-{index % 2}")
        )
    for hour in certificate.hours:
        for used in hour.retired:
            if used.attribute == RENEWABLE:
                segments.append(
                    _segment(used.stretch.first - base, used.stretch.amount_wh, "retired")
                )
    return segments


def _segment(first_wh: int, amount_wh: int, kind: str) -> Segment:
    x = first_wh * UNITS / CERTIFICATE_WH
    return Segment(round(x, 3), max(round(amount_wh * UNITS / CERTIFICATE_WH, 3), 0.4), kind)


def uses(certificate: Certificate) -> list[Use]:
    """What was used, in order; one line where a claim used several attributes of one stretch."""
    found: dict[tuple[int, int, bool, int], list[RetiredStretch]] = defaultdict(list)
    for hour in certificate.hours:
        for used in hour.retired:
            place = used.stretch.first, used.stretch.end, used.is_own, used.retirement_id
            found[place].append(used)
    base = certificate.stretch.first
    return [
        Use(
            first=first - base,
            last=end - base - 1,
            attributes=tuple(used.attribute for used in parts),
            claimant=parts[0].claimant,
            beneficiary=parts[0].beneficiary,
            retired_at=parts[0].retired_at,
        )
        for (first, end, *_), parts in sorted(found.items())
    ]


def retired_wh(certificate: Certificate) -> int:
    """Wh of this MWh used as renewable."""
    return sum(
        used.stretch.amount_wh
        for hour in certificate.hours
        for used in hour.retired
        if used.attribute == RENEWABLE
    )


def holders(certificate: Certificate) -> list[tuple[str, int]]:
    """Who holds how much of the lots behind this MWh; held Wh bear no numbers yet."""
    amounts: dict[str, int] = defaultdict(int)
    for hour in certificate.hours:
        for held in hour.held:
            amounts[held.holder] += held.amount_wh
    return sorted(amounts.items(), key=lambda item: (-item[1], item[0]))


def batch_line(batch: Batch) -> BatchLine:
    """A settlement's kind, how many entries it has, and their Wh where they are retirements."""
    entries = batch.entries.all()
    settled = batch.kind == Batch.Kind.SETTLE
    return BatchLine(
        sequence=batch.sequence,
        kind=batch.get_kind_display(),
        items=sum(entry.count for entry in entries) if settled else batch.items.count(),
        amount_wh=sum(entry.amount for entry in entries),
        root="0x" + bytes(batch.root).hex() if batch.root else "",
    )
