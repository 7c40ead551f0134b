"""When an interval closes for late data, by the policy of its area or of the registry."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from charging.models import ClosingPolicy

USUAL = timedelta(hours=48)  # where no policy says otherwise: readings and CDRs may still come


@dataclass(frozen=True, slots=True)
class Closing:
    """The grace after an interval's end at an instant: each area's own, else `usual`."""

    now: datetime
    usual: timedelta
    own: Mapping[int, timedelta]

    def grace_of(self, area_id: int) -> timedelta:
        """How long an area's intervals stay open after their end."""
        return self.own.get(area_id, self.usual)

    def is_closed(self, area_id: int, ends_at: datetime) -> bool:
        """Whether an interval that ends then is closed for late data now."""
        return ends_at + self.grace_of(area_id) <= self.now

    def closes_at(self, area_id: int, starts_at: datetime, minutes: int) -> datetime:
        """When an interval of this length closes."""
        return starts_at + timedelta(minutes=minutes) + self.grace_of(area_id)

    @property
    def latest(self) -> datetime:
        """No interval that ends after this is closed, wherever it is."""
        return self.now - min([self.usual, *self.own.values()])

    @property
    def earliest(self) -> datetime:
        """Every interval that ends before this is closed, wherever it is."""
        return self.now - max([self.usual, *self.own.values()])


def closing_at(now: datetime) -> Closing:
    """The policies in force, in one query."""
    rows = ClosingPolicy.objects.filter(valid_from__lte=now).order_by("valid_from", "pk")
    usual, own = USUAL, dict[int, timedelta]()
    for area, minutes in rows.values_list("area", "grace_minutes"):
        if area is None:
            usual = timedelta(minutes=minutes)
        else:
            own[area] = timedelta(minutes=minutes)
    return Closing(now, usual, own)
