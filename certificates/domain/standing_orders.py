"""Standing orders: which UTC days or months they run for, and how much each run takes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from certificates.domain.sharing import WHOLE_PPM
from certificates.domain.taking import in_order

DAY, MONTH = "day", "month"
ONE_DAY = timedelta(days=1)
MONTHS = 12
Period = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True)
class Measure:
    """One of the three: a share in parts per million, Wh of every UTC hour, Wh of each period."""

    share_ppm: int = 0
    wh_per_hour: int | None = None
    wh_per_run: int | None = None


@dataclass(frozen=True, slots=True)
class Span:
    """What an order covers: [starts_at, ends_at), open where None, by the day or the month."""

    every: str
    starts_at: datetime
    ends_at: datetime | None = None

    def period_at(self, instant: datetime) -> Period | None:
        """The whole period that an instant lies in, cut to the span; None after its end."""
        if self.ends_at is not None and instant >= self.ends_at:
            return None
        begin = instant.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        if self.every == MONTH:
            begin = begin.replace(day=1)
            year, month = begin.year + begin.month // MONTHS, begin.month % MONTHS + 1
            end = begin.replace(year=year, month=month)
        else:
            end = begin + ONE_DAY
        begin = max(begin, self.starts_at)
        return begin, end if self.ends_at is None else min(end, self.ends_at)


def take(held: Sequence[tuple[datetime, int]], measure: Measure) -> list[int]:
    """Wh of each holding, given as (start, Wh) in time order; what is left over stays held.

    A share is rounded down for each holding, as agreements do for each lot.
    """
    if measure.wh_per_run is not None:
        return in_order(measure.wh_per_run, [wh for _, wh in held])
    if measure.wh_per_hour is None:
        return [wh * measure.share_ppm // WHOLE_PPM for _, wh in held]
    room: dict[datetime, int] = {}
    taken = []
    for at, wh in held:
        hour = at.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
        left = room.setdefault(hour, measure.wh_per_hour)
        part = min(wh, left)
        room[hour] = left - part
        taken.append(part)
    return taken
