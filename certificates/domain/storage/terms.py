"""What is fixed before storage begins to work: its size, its method, its loss interval."""

from datetime import datetime

from certificates.domain.terms import months_before

FIFO, LIFO, WEIGHTED = "fifo", "lifo", "weighted"
METHODS = {
    FIFO: "First in, first out",
    LIFO: "Last in, first out",
    WEIGHTED: "From all that is stored, in proportion",
}
# EnergyTag, Granular Certificate Standard v2: losses are settled at least every six months.
LONGEST_MONTHS = 6


def loss_interval(starts_at: datetime, months: int, at: datetime) -> tuple[datetime, datetime]:
    """The loss interval [start, end) that holds an instant; the first begins at `starts_at`.

    Interval n starts n x `months` months later, on the same day, or on the last day of a
    shorter month. Raises: ValueError when the instant lies before the first.
    """
    if at < starts_at:
        raise ValueError("before the first loss interval")
    number = ((at.year - starts_at.year) * 12 + at.month - starts_at.month) // months
    if at < months_before(starts_at, -number * months):
        number -= 1
    begin, end = (months_before(starts_at, -n * months) for n in (number, number + 1))
    return begin, end


def interval_starts(
    starts_at: datetime, months: int, since: datetime, until: datetime
) -> list[datetime]:
    """Where loss intervals begin in [since, until], rising; none before the first."""
    begin, end = loss_interval(starts_at, months, max(since, starts_at))
    found = [begin] if begin >= since else []
    while end <= until:
        found.append(end)
        _, end = loss_interval(starts_at, months, end)
    return [each for each in found if each <= until]
