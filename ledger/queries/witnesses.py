"""How many have seen a block, and how far each witness has come."""

from dataclasses import dataclass

from django.db.models import Count, Exists, Max, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from ledger.models import Block, Witness, WitnessSignature


@dataclass(frozen=True, slots=True)
class Seen:
    """By how many of the witnesses who could have seen it."""

    by: int
    of: int


@dataclass(frozen=True, slots=True)
class Coverage:
    """Of each witness: the last block of its term, if that ended, and the last one it signed."""

    terms: tuple[tuple[int | None, int | None], ...]

    def of(self, height: int) -> Seen:
        """A signature of a block stands for all blocks before it: its hash covers them."""
        able = [last for retired, last in self.terms if retired is None or retired >= height]
        return Seen(by=sum(last is not None and last >= height for last in able), of=len(able))


def coverage() -> Coverage:
    """What all witnesses have seen, in one query."""
    last = Max("signatures__block__height")
    rows = Witness.objects.annotate(last=last).values_list("retired_height", "last")
    return Coverage(tuple(rows))


def witnessed(height: int) -> int:
    """The number of witnesses who executed the chain up to this block, or further."""
    return coverage().of(height).by


def with_last_signed(witnesses: QuerySet[Witness]) -> QuerySet[Witness]:
    """With `last_signed`, the highest block that each signed, or None."""
    return witnesses.annotate(last_signed=Max("signatures__block__height"))


def with_seen_by(blocks: QuerySet[Block]) -> QuerySet[Block]:
    """With `seen_by`, the number of witnesses who signed each block or a later one."""
    later = WitnessSignature.objects.filter(
        witness=OuterRef("pk"), block__height__gte=OuterRef(OuterRef("height"))
    )
    signers = Witness.objects.filter(Exists(later)).order_by()
    count = signers.values(one=Value(1)).annotate(count=Count("pk")).values("count")
    return blocks.annotate(seen_by=Coalesce(Subquery(count), 0))
