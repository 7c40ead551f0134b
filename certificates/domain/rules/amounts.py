"""Rules about the energy of a line: what a plant of its kind can and cannot make."""

import numpy as np

from certificates.domain.rules.case import ENERGY, OBSERVED, Case
from certificates.domain.rules.rule import HELD, rule
from certificates.domain.rules.sun import highest_elevation
from certificates.domain.rules.technologies import PHOTOVOLTAIC

DARK_DEGREES = -6.0  # the end of civil twilight
NOISE_PPM = 1_000  # of full power: what a meter's offset may show at night
DAY = 1_440  # minutes


@rule("R11", HELD)
def within_capacity(case: Case, message: str) -> None:
    """{wh} Wh is more than the capacity allows ({allowed} Wh with tolerance)"""
    allowed = case.capacity_w * case.length * (100 + case.plant.tolerance_percent) // 6000
    for position in np.flatnonzero((case.wh > allowed) & case.is_open()):
        reason = message.format(wh=_digits(case.wh[position]), allowed=_digits(allowed))
        case.hold(position, ENERGY, reason)


@rule("R12", HELD)
def own_consumption_within_capacity(case: Case, message: str) -> None:
    """{wh} Wh of own consumption is more than the capacity ({allowed} Wh); is the sign right?"""
    allowed = case.full_wh
    for position in np.flatnonzero((case.wh < -allowed) & case.is_open()):
        reason = message.format(wh=_digits(-case.wh[position]), allowed=_digits(allowed))
        case.hold(position, ENERGY, reason)


@rule("R13", HELD)
def dark_photovoltaics(case: Case, message: str) -> None:
    """{wh} Wh by photovoltaics while the sun is below the horizon; is the time zone right?"""
    plant = case.plant
    if not plant.technology_code.startswith(PHOTOVOLTAIC):
        return
    if plant.latitude is None or plant.longitude is None:
        return
    noise = case.full_wh * NOISE_PPM // 1_000_000
    lit = np.flatnonzero((case.wh > noise) & case.is_open())
    highest = highest_elevation(case.minute[lit], case.length, plant.latitude, plant.longitude)
    for position in lit[highest < DARK_DEGREES]:
        case.hold(position, ENERGY, message.format(wh=_digits(case.wh[position])))


@rule("R14", HELD)
def day_within_the_technology(case: Case, message: str) -> None:
    """the day's {percent} % of full power is more than the registry assumes that this technology
    reaches ({most} %)"""
    most = case.plant.day_percent
    if most is None:
        return
    open_ = np.flatnonzero(case.is_open())
    day = case.minute[open_] // DAY
    days, place = np.unique(day, return_inverse=True)
    sums = np.zeros(len(days), np.int64)
    np.add.at(sums, place, np.maximum(case.wh[open_], 0))
    percent = -(-sums * 100 // (case.capacity_w * 24))  # rounded up: a bit more is more
    for position in open_[percent[place] > most]:
        n = np.searchsorted(days, case.minute[position] // DAY)
        case.hold(position, ENERGY, message.format(percent=percent[n], most=most))


@rule("R15", HELD)
def observed(case: Case, message: str) -> None:
    """is marked as not observed but has a value"""
    for position in case.lines.doubtful:
        case.hold(position, OBSERVED, message)


@rule("R31", HELD)
def register_of_generation(case: Case, message: str) -> None:
    """is of a register that, as the file says, counts what was taken from the grid"""
    if case.lines.is_import:
        for position in np.flatnonzero(case.is_open()):
            case.hold(position, ENERGY, message)


def _digits(amount: int | np.int64) -> str:
    return f"{amount:,}"
