"""What a file's corrections brought about: totals old and new, and where Wh were taken from."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, F, Q, Sum

from certificates.models import Correction, CorrectionPart, DebtMove, MeterFile, Reading

LISTED = 200
Kind = DebtMove.Kind
# As the plant's owner reads it; the admin has the model's own words.
WORDS: dict[str, str] = {
    CorrectionPart.Source.LOT: "What the owner holds of these intervals",
    CorrectionPart.Source.OTHER_LOT: "What the owner holds of the same time in the area",
    CorrectionPart.Source.RESERVE: "The owner's reserve",
    CorrectionPart.Source.AGREEMENT: "Holders by standing agreement",
}


@dataclass(frozen=True, slots=True)
class Interval:
    """One corrected interval: the total that was certified by, and the one stated now, Wh."""

    starts_at: datetime
    length_minutes: int
    before_wh: int
    after_wh: int

    @property
    def change_wh(self) -> int:
        return self.after_wh - self.before_wh


@dataclass(frozen=True, slots=True)
class Taken:
    """Wh of certificates that one holder lost; `source` says by which rank."""

    source: str
    holder: str
    amount_wh: int

    @property
    def words(self) -> str:
        return WORDS[self.source]


@dataclass(frozen=True, slots=True)
class Effect:
    """A file's corrections in sum, Wh, the first LISTED of `count` intervals one by one.

    `raised_wh` becomes certificates, `taken` was withdrawn, `owed_wh` nobody could give and is
    withheld from what is certified next, `lowered_wh` is owed no longer. `held` corrections
    wait for review and change nothing yet.
    """

    count: int
    held: int
    raised_wh: int
    reduced_wh: int
    intervals: Sequence[Interval]
    taken: Sequence[Taken]
    owed_wh: int
    lowered_wh: int

    @property
    def taken_wh(self) -> int:
        return sum(part.amount_wh for part in self.taken)


def effect_of(file: MeterFile) -> Effect:
    """What the corrections of an imported file did. Withdrawals that were refused do not count."""
    rows = Correction.objects.filter(reading__file=file)
    change = F("after_wh") - F("before_wh")
    sums = rows.aggregate(
        count=Count("pk"),
        up=Sum(change, filter=Q(after_wh__gt=F("before_wh")), default=0),
        down=Sum(change, filter=Q(after_wh__lt=F("before_wh")), default=0),
    )
    parts = CorrectionPart.objects.standing().filter(correction__reading__file=file)
    by_holder = parts.values_list("source", "holder__name").annotate(wh=Sum("amount_wh"))
    order = list(CorrectionPart.Source.values)
    taken = [Taken(source, name, int(wh)) for source, name, wh in by_holder.order_by()]
    moves = DebtMove.objects.filter(correction__reading__file=file, kind=Kind.CORRECTION)
    debts = moves.aggregate(
        more=Sum("amount_wh", filter=Q(amount_wh__gt=0), default=0),
        less=Sum("amount_wh", filter=Q(amount_wh__lt=0), default=0),
    )
    first = rows.order_by("starts_at").values_list(
        "starts_at", "length_minutes", "before_wh", "after_wh"
    )
    held = Reading.objects.filter(file=file, version__gt=1, status=Reading.Status.HELD)
    return Effect(
        count=sums["count"],
        held=held.count(),
        raised_wh=int(sums["up"]),
        reduced_wh=-int(sums["down"]),
        intervals=[Interval(*row) for row in first[:LISTED]],
        taken=sorted(taken, key=lambda part: (order.index(part.source), -part.amount_wh)),
        owed_wh=int(debts["more"]),
        lowered_wh=-int(debts["less"]),
    )
