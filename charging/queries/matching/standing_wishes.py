"""Which standing wish a charge has: by its card, its contract or its tariff, when it started."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from certificates.models import Organisation
from charging.models import StandingWish

# The narrower product goes first.
KINDS = (StandingWish.Kind.TOKEN, StandingWish.Kind.CONTRACT, StandingWish.Kind.TARIFF)
MARKS = tuple(f"{kind.value}_hmac" for kind in KINDS)  # of a session, in the same order


@dataclass(frozen=True, slots=True)
class StandingWishes:
    """The standing wishes of a company in a period, by kind and mark."""

    rows: Mapping[tuple[str, bytes], Sequence[StandingWish]]

    def asked(self) -> Q:
        """The sessions that may have one of them."""
        found = Q(pk__in=[])
        for kind, name in zip(KINDS, MARKS, strict=True):
            marks = [mark for of, mark in self.rows if of == kind]
            if marks:
                found |= Q(**{f"{name}__in": marks})
        return found

    def find(self, marks: Sequence[bytes | memoryview | None], at: datetime) -> StandingWish | None:
        """The one in force at an instant for a charge with these marks, in the order of `MARKS`."""
        for kind, mark in zip(KINDS, marks, strict=True):
            for row in self.rows.get((kind, bytes(mark or b"")), ()):
                if row.valid_from <= at and (row.valid_to is None or at < row.valid_to):
                    return row
        return None


def standing_wishes(
    organisation: Organisation, starts_at: datetime, ends_at: datetime
) -> StandingWishes:
    """Those in force at some instant of [starts_at, ends_at), in one query."""
    rows = StandingWish.objects.filter(
        Q(valid_to__isnull=True) | Q(valid_to__gt=starts_at),
        organisation=organisation,
        valid_from__lt=ends_at,
    )
    found: dict[tuple[str, bytes], list[StandingWish]] = {}
    for row in rows.order_by("pk"):
        found.setdefault((row.kind, bytes(row.mark)), []).append(row)
    return StandingWishes(found)
