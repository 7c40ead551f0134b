"""What a charge emitted, beside the grid and beside petrol, in whole micrograms CO2e.

Figures that count different things are never added: a factor says its scope, its gas and
whether it is an average or a marginal figure, and a sum over two kinds is refused.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from enum import StrEnum

from charging.errors import FactorsDiffer

UG_PER_G = 1_000_000
LIFECYCLE, DIRECT = "lifecycle", "direct"
CO2E, CO2 = "CO2e", "CO2"


class FactorKind(StrEnum):
    """Of which generation a factor speaks."""

    PLANT = "plant"  # the lot's own, frozen at issuance
    RESIDUAL = "residual"  # what is left of an area once tracked generation is taken out
    AVERAGE = "average"  # all generation of an area in that interval
    MARGINAL = "marginal"  # what one kWh more would have run: a consequence, not a share


@dataclass(frozen=True, slots=True)
class Basis:
    """What a figure counts. Only figures of one basis may be added or compared as one."""

    scope: str
    gas: str
    marginal: bool = False

    def __str__(self) -> str:
        return f"{self.gas}, {self.scope}, {'marginal' if self.marginal else 'average'}"


@dataclass(frozen=True, slots=True)
class Factor:
    """Micrograms per Wh (milligrams per kWh), below zero for a credit, and where from."""

    ug_per_wh: int
    kind: FactorKind
    scope: str
    gas: str
    source: str
    year: int | None = None
    version: int = 1

    @property
    def basis(self) -> Basis:
        """What the factor counts."""
        return Basis(self.scope, self.gas, self.kind is FactorKind.MARGINAL)


@dataclass(frozen=True, slots=True)
class Used:
    """Whole Wh that were counted at one factor."""

    amount_wh: int
    factor: Factor

    @property
    def emissions_ug(self) -> int:
        """Exact; a credit stays below zero."""
        return self.amount_wh * self.factor.ug_per_wh


@dataclass(frozen=True, slots=True)
class HourOfEnergy:
    """Wh of one interval, what was matched at which factor, and what the rest counts at.

    Raises: FactorsDiffer when a marginal figure stands in another's place, or the reverse.
    """

    energy_wh: int
    matched: tuple[tuple[int, Factor | None], ...]  # (Wh, factor where it is proven)
    average: Factor | None
    residual: Factor | None = None
    marginal: Factor | None = None

    def __post_init__(self) -> None:
        others = [self.average, self.residual, *(factor for _, factor in self.matched)]
        wrong = [one for one in others if one is not None and one.basis.marginal]
        if self.marginal is not None and not self.marginal.basis.marginal:
            wrong.append(self.marginal)
        if wrong:
            raise FactorsDiffer(
                f"{wrong[0].source} counts {wrong[0].basis} and cannot stand for the other kind. "
                "Average and marginal figures answer different questions: show them side by side."
            )


@dataclass(frozen=True, slots=True)
class PetrolCar:
    """The assumption behind the comparison with petrol; every figure is shown with its source.

    `well_to_wheel_g_per_mj` and `mj_per_l` describe the fuel, `l_per_100_km` the petrol car,
    `kwh_per_km` the electric car that made the charge.
    """

    well_to_wheel_g_per_mj: Decimal
    mj_per_l: Decimal
    l_per_100_km: Decimal
    kwh_per_km: Decimal

    def distance_km(self, energy_wh: int) -> Decimal:
        """How far the electric car goes on this energy, to a tenth of a kilometre."""
        return (Decimal(energy_wh) / 1000 / self.kwh_per_km).quantize(
            Decimal("0.1"), ROUND_HALF_EVEN
        )

    def petrol_ug(self, energy_wh: int) -> int:
        """Well-to-wheel emissions of the petrol car over the same (unrounded) distance."""
        km = Decimal(energy_wh) / 1000 / self.kwh_per_km
        grams = km * self.l_per_100_km / 100 * self.mj_per_l * self.well_to_wheel_g_per_mj
        return int((grams * UG_PER_G).to_integral_value(ROUND_HALF_EVEN))


def total_ug(used: Iterable[Used]) -> int:
    """The exact sum, credits included.

    Raises: FactorsDiffer when two factors count different things.
    """
    total, basis, first = 0, None, ""
    for one in used:
        if basis is None:
            basis, first = one.factor.basis, one.factor.source
        elif one.factor.basis != basis:
            raise FactorsDiffer(
                f"{one.factor.source} counts {one.factor.basis}; {first} counts {basis}. "
                "Figures of different scope, gas or kind are not added: show them side by side."
            )
        total += one.emissions_ug
    return total


def count_alike(used: Iterable[Used]) -> bool:
    """Whether all factors count the same, so that their figures may be added."""
    return len({one.factor.basis for one in used}) <= 1


def charge_parts(hours: Iterable[HourOfEnergy]) -> list[Used] | None:
    """Market-based: matched Wh at their lot's factor, the rest at the residual mix, otherwise
    at the grid's average of the hour; `None` where no figure is known for some of it.

    Wh that prove no emissions are of the rest. A residual mix that counts something else
    than the plants' factors is passed over for the average.
    """
    found: list[Used] = []
    for hour in hours:
        proven = [(wh, factor) for wh, factor in hour.matched if factor is not None]
        found += [Used(wh, factor) for wh, factor in proven]
        left = hour.energy_wh - sum(wh for wh, _ in proven)
        if left:
            factor = _rest(hour)
            if factor is None:
                return None
            found.append(Used(left, factor))
    return found


def grid_parts(hours: Iterable[HourOfEnergy]) -> list[Used] | None:
    """Location-based: every Wh at the grid's average of its hour; `None` where unknown."""
    found: list[Used] = []
    for hour in hours:
        if hour.average is None:
            return None
        found.append(Used(hour.energy_wh, hour.average))
    return found


def marginal_parts(hours: Iterable[HourOfEnergy]) -> list[Used] | None:
    """The consequence: every Wh at what one more would have emitted in its hour.

    Matched or not: using a certificate changes nothing of it. `None` where unknown.
    """
    found: list[Used] = []
    for hour in hours:
        if hour.marginal is None:
            return None
        found.append(Used(hour.energy_wh, hour.marginal))
    return found


def charge_ug(hours: Iterable[HourOfEnergy]) -> int | None:
    """The market-based total. Raises: FactorsDiffer."""
    parts = charge_parts(hours)
    return None if parts is None else total_ug(parts)


def grid_ug(hours: Iterable[HourOfEnergy]) -> int | None:
    """The location-based total. Raises: FactorsDiffer."""
    parts = grid_parts(hours)
    return None if parts is None else total_ug(parts)


def by_factor(used: Iterable[Used]) -> list[Used]:
    """The same Wh, those of one factor together, the most Wh first."""
    amounts: dict[Factor, int] = {}
    for one in used:
        amounts[one.factor] = amounts.get(one.factor, 0) + one.amount_wh
    together = [Used(wh, factor) for factor, wh in amounts.items()]
    return sorted(together, key=lambda one: (-one.amount_wh, one.factor.source))


def _rest(hour: HourOfEnergy) -> Factor | None:
    """The residual mix where it counts the same as what it would be added to."""
    bases = {factor.basis for _, factor in hour.matched if factor is not None}
    if hour.average is not None:
        bases.add(hour.average.basis)
    if hour.residual is not None and bases <= {hour.residual.basis}:
        return hour.residual
    return hour.average
