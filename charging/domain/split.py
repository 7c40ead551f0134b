"""A charge spread over matching intervals, in whole Wh that add up exactly."""


def split_evenly(
    started: int, ended: int, energy_wh: int, interval_seconds: int = 3600
) -> list[tuple[int, int]]:
    """The Wh of a charge in each UTC interval it touches, by its share of the time.

    `started` and `ended` are seconds since 1970; returns (interval start, Wh) in order,
    intervals that get nothing left out. Largest remainder, ties to the earlier interval.
    Raises: ValueError when the charge does not end after its start or takes nothing.
    """
    duration = ended - started
    if duration <= 0 or energy_wh <= 0:
        raise ValueError("a charge takes energy and ends after its start")
    first = started - started % interval_seconds
    if ended <= first + interval_seconds:
        return [(first, energy_wh)]
    starts = range(first, ended, interval_seconds)
    amounts, remainders = [], []
    for start in starts:
        seconds = min(ended, start + interval_seconds) - max(started, start)
        amount, remainder = divmod(energy_wh * seconds, duration)
        amounts.append(amount)
        remainders.append(remainder)
    left = energy_wh - sum(amounts)
    if left:
        for n in sorted(range(len(amounts)), key=lambda n: (-remainders[n], n))[:left]:
            amounts[n] += 1
    return [pair for pair in zip(starts, amounts, strict=True) if pair[1]]
