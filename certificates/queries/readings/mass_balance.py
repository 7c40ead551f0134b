"""Where every Wh of a device's hour went.

Per row, for each attribute that was issued:

    generated + deficit = issued - corrected + waiting + withheld
    issued = held + retired + expired + withdrawn

`corrected` was withdrawn because this very interval was corrected, and is part of
`withdrawn`; without a correction the first line is generated = issued + waiting + withheld.
What rounding down to whole Wh left is `rounding`, in millionths of a Wh: the meter said
generated + rounding.
"""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Case, CharField, Sum, Value, When
from django.db.models.functions import Coalesce

from certificates.models import CorrectionPart, DebtMove, Device, Lot, Reading
from certificates.queries.readings.tallies import HERE
from ledger.models import Account, Balance

HELD = "held"


@dataclass(slots=True)
class BalanceRow:
    """One interval of a device, in Wh. `generated` counts positive readings in force.

    `deficit` stands certified beyond what was generated: others gave certificates for it
    (`covered`), or the device owes it or has paid it from later intervals.
    """

    starts_at: datetime
    length_minutes: int
    generated_wh: int = 0
    rounding_uwh: int = 0
    issued_wh: int = 0
    corrected_wh: int = 0
    covered_wh: int = 0
    owed_wh: int = 0
    withheld_wh: int = 0
    held_wh: int = 0
    retired_wh: int = 0
    withdrawn_wh: int = 0
    expired_wh: int = 0

    @property
    def deficit_wh(self) -> int:
        return self.covered_wh + self.owed_wh

    @property
    def waiting_wh(self) -> int:
        standing = self.issued_wh - self.corrected_wh
        return self.generated_wh + self.deficit_wh - standing - self.withheld_wh

    @property
    def is_balanced(self) -> bool:
        kept = self.held_wh + self.retired_wh + self.withdrawn_wh + self.expired_wh
        return self.issued_wh == kept and self.waiting_wh >= 0 <= self.deficit_wh


def mass_balance(device: Device, starts_at: datetime, ends_at: datetime) -> list[BalanceRow]:
    """One row for each interval in [starts_at, ends_at) that has a reading or a lot, by time.

    A lot whose attributes were parted counts the Wh of its RENEWABLE half once.
    """
    rows: dict[tuple[datetime, int], BalanceRow] = {}
    window = {"device": device, "starts_at__gte": starts_at, "starts_at__lt": ends_at}
    readings = Reading.objects.filter(
        **window, status=Reading.Status.ACCEPTED, energy_wh__gte=0, replaced_by__isnull=True
    )
    for begin, end, wh, uwh in readings.values_list(
        "starts_at", "ends_at", "energy_wh", "remainder_uwh"
    ):
        minutes = int((end - begin).total_seconds()) // 60
        row = _row(rows, begin, minutes)
        row.generated_wh += wh
        row.rounding_uwh += uwh
    for begin, minutes, wh in (
        Lot.objects.standing()
        .filter(**window)
        .values_list("starts_at", "length_minutes", "amount_wh")
    ):
        row = _row(rows, begin, minutes)
        row.issued_wh += wh
        if device.kind == Device.Kind.EXTERNAL:
            row.generated_wh += wh  # its issuer saw the meter; here its word counts
    _corrections(rows, window)
    for begin, minutes, place, wh in _places(window):
        row = _row(rows, begin, minutes)
        setattr(row, f"{place}_wh", getattr(row, f"{place}_wh") + wh)
    return sorted(rows.values(), key=lambda row: (row.starts_at, row.length_minutes))


def _corrections(rows: dict[tuple[datetime, int], BalanceRow], window: dict[str, object]) -> None:
    of_interval = {f"correction__{name}": value for name, value in window.items()}
    parts = CorrectionPart.objects.standing().filter(**of_interval)
    for begin, minutes, source, wh in parts.values_list(
        "correction__starts_at", "correction__length_minutes", "source", "amount_wh"
    ):
        row = _row(rows, begin, minutes)
        if source in HERE:
            row.corrected_wh += wh
        else:
            row.covered_wh += wh
    for begin, minutes, kind, wh in DebtMove.objects.filter(**window).values_list(
        "starts_at", "length_minutes", "kind", "amount_wh"
    ):
        row = _row(rows, begin, minutes)
        if kind == DebtMove.Kind.CORRECTION:
            row.owed_wh += wh
        elif kind != DebtMove.Kind.CONSUMPTION:
            row.withheld_wh -= wh


def _row(rows: dict[tuple[datetime, int], BalanceRow], at: datetime, minutes: int) -> BalanceRow:
    return rows.setdefault((at, minutes), BalanceRow(at, minutes))


def _places(window: dict[str, object]) -> list[tuple[datetime, int, str, int]]:
    lots = {f"asset__lot_asset__lot__{name}": value for name, value in window.items()}
    place = Case(
        When(account__system="", then=Value(HELD)),
        default="account__system",
        output_field=CharField(),
    )
    found = (
        Balance.objects.filter(**lots)
        .exclude(account__system=Account.System.ISSUED)
        # Parted attributes are two assets of the same Wh; an EMISSIONS half of a lot that was
        # issued with both is the other face of Wh already counted.
        .exclude(asset__lot_asset__mask=2, asset__lot_asset__lot__mask=3)
        .values("asset__lot_asset__lot__starts_at", "asset__lot_asset__lot__length_minutes")
        .annotate(place=place, wh=Coalesce(Sum("amount"), 0))
    )
    return list(
        found.values_list(
            "asset__lot_asset__lot__starts_at",
            "asset__lot_asset__lot__length_minutes",
            "place",
            "wh",
        )
    )
