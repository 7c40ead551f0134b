"""What a charge emitted, beside the grid and beside petrol, in whole micrograms CO2e."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal

UG_PER_G = 1_000_000


@dataclass(frozen=True, slots=True)
class HourOfEnergy:
    """Wh of one interval, what was matched at which factor, and the grid's average."""

    energy_wh: int
    matched: tuple[tuple[int, int | None], ...]  # (Wh, micrograms per Wh where proven)
    grid_ug_per_wh: int | None


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


def charge_ug(hours: Iterable[HourOfEnergy]) -> int | None:
    """Matched Wh at their lot's factor, the rest at the grid's average; `None` if unknown.

    Wh that prove no emissions count as the grid's.
    """
    total = 0
    for hour in hours:
        left = hour.energy_wh
        for wh, factor in hour.matched:
            if factor is not None:
                total += wh * factor
                left -= wh
        if left:
            if hour.grid_ug_per_wh is None:
                return None
            total += left * hour.grid_ug_per_wh
    return total


def grid_ug(hours: Iterable[HourOfEnergy]) -> int | None:
    """Every Wh at the grid's average of its hour; `None` where an hour's is unknown."""
    total = 0
    for hour in hours:
        if hour.grid_ug_per_wh is None:
            return None
        total += hour.energy_wh * hour.grid_ug_per_wh
    return total
