"""From a receipt's facts to what its page draws."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from textwrap import wrap
from zoneinfo import ZoneInfo

from django.utils.translation import gettext

from certificates.domain import maps
from certificates.views import coastline
from charging.domain import drawing
from charging.domain.comparators import (
    ELECTRIC_CAR,
    PETROL_CAR,
    PETROL_ENERGY,
    WELL_TO_WHEEL,
)
from charging.domain.emissions import PetrolCar
from charging.domain.wh_numbers import Stretch, stretches
from charging.queries.receipts.facts import (
    AllocationFacts,
    ChargeFacts,
    ComparatorFacts,
    HourFacts,
    PlantFacts,
    ReceiptFacts,
)

MAP_WIDTH, MAP_HEIGHT = 480, 400
LABEL_GAP = 16  # between a point and its label, in the map's units
LABEL_CHARACTER = 11  # how wide a letter of a label is, on the large side
LABEL_LINES = 2
MOST_PARTS = 24  # stretches of numbers listed for one plant
MOST_OPEN = 6  # plants listed in full; more are folded, and have no name on the map
CHANGEABLE = (ELECTRIC_CAR.key, PETROL_CAR.key)
LARGEST_ASSUMPTION = Decimal(1000)


@dataclass(frozen=True, slots=True)
class HourLine:
    """One hour as drawn: its bar, its local time, its allocations."""

    facts: HourFacts
    bar: drawing.HourBar
    starts_at: datetime
    ends_at: datetime
    new_day: bool


@dataclass(frozen=True, slots=True)
class NumberedPart:
    """A stretch of one plant's watt-hours, and the hour it was made in."""

    stretch: Stretch
    starts_at: datetime
    amount_wh: int


@dataclass(frozen=True, slots=True)
class Source:
    """A plant with the numbers it gave to this charge; some may still be unknown."""

    plant: PlantFacts
    kind: str
    quality: str
    parts: tuple[NumberedPart, ...]
    unnumbered_wh: int

    @property
    def first_parts(self) -> tuple[NumberedPart, ...]:
        """The numbers that the page lists; a long charge has more than anyone reads there."""
        return self.parts[:MOST_PARTS]

    @property
    def more_parts(self) -> int:
        """How many stretches of numbers the page leaves to the files."""
        return max(len(self.parts) - MOST_PARTS, 0)


@dataclass(frozen=True, slots=True)
class Mark:
    """A labelled point on the map; the label has a line or two."""

    x: float
    y: float
    label: tuple[str, ...]
    label_before: bool
    is_charge: bool


@dataclass(frozen=True, slots=True)
class Map:
    """The picture of where the energy came from."""

    land: str
    charge: Mark
    plants: tuple[Mark, ...]
    is_crowded: bool
    width: int = MAP_WIDTH
    height: int = MAP_HEIGHT


@dataclass(frozen=True, slots=True)
class Emission:
    """One line of the comparison: a bar from `start`, `width` long, in hundredths of the
    picture; a credit's bar ends where the others start.
    """

    label: str
    amount_ug: int
    start: float
    width: float
    is_charge: bool


@dataclass(frozen=True, slots=True)
class Assumption:
    """A figure of the comparison, as used; the person reading may change some."""

    facts: ComparatorFacts
    value: Decimal
    is_changeable: bool
    is_changed: bool


def hour_lines(facts: ReceiptFacts) -> list[HourLine]:
    """The hours from first to last, on the clocks of the place."""
    zone = ZoneInfo(facts.charge.timezone)
    amounts = [
        drawing.HourAmounts(hour.energy_wh, hour.renewable_wh, hour.tracked_wh)
        for hour in facts.hours
    ]
    lines: list[HourLine] = []
    for hour, bar in zip(facts.hours, drawing.hour_bars(amounts), strict=True):
        start = hour.starts_at.astimezone(zone)
        end = (hour.starts_at + timedelta(minutes=hour.length_minutes)).astimezone(zone)
        new_day = not lines or lines[-1].starts_at.date() != start.date()
        lines.append(HourLine(hour, bar, start, end, new_day))
    return lines


def sources(facts: ReceiptFacts) -> list[Source]:
    """The plants in order of what they gave, each with its numbers."""
    found = []
    for plant in sorted(facts.plants, key=lambda plant: (-plant.amount_wh, plant.gsrn)):
        given = [
            (hour, allocation)
            for hour in facts.hours
            for allocation in hour.allocations
            if allocation.gsrn == plant.gsrn
        ]
        found.append(
            Source(
                plant=plant,
                kind=_kind(plant),
                quality=given[0][1].quality if given else "",
                parts=tuple(part for hour, one in given for part in _numbered(hour, one)),
                unnumbered_wh=sum(one.amount_wh for _, one in given if one.first_wh is None),
            )
        )
    return found


def _kind(plant: PlantFacts) -> str:
    """The technology, and the energy source unless the technology names it."""
    technology = gettext(plant.technology)
    if plant.energy_source.lower() in plant.technology.lower():
        return technology
    return f"{technology}, {gettext(plant.energy_source.lower())}"


def _numbered(hour: HourFacts, allocation: AllocationFacts) -> list[NumberedPart]:
    if allocation.first_wh is None:
        return []
    return [
        NumberedPart(stretch, hour.starts_at, stretch.last - stretch.first + 1)
        for stretch in stretches(allocation.first_wh, allocation.amount_wh)
    ]


def draw_map(charge: ChargeFacts, plants: Sequence[PlantFacts]) -> Map | None:
    """Charger and plants with the coast around them; nothing where a place is unknown."""
    charger = _place(charge.latitude, charge.longitude)
    placed = [(plant, _place(plant.latitude, plant.longitude)) for plant in plants]
    known = [(plant, place) for plant, place in placed if place]
    if charger is None or not known:
        return None
    places = [charger, *(place for _, place in known)]
    view = maps.frame(places, width=MAP_WIDTH, height=MAP_HEIGHT)
    return Map(
        land=coastline.drawn(view),
        charge=_mark(view, charger, charge.location_name, is_charge=True),
        plants=tuple(_mark(view, place, plant.name, is_charge=False) for plant, place in known),
        is_crowded=len(known) > MOST_OPEN,
    )


def _place(latitude: Decimal | None, longitude: Decimal | None) -> maps.Place | None:
    if latitude is None or longitude is None:
        return None
    return maps.Place(float(latitude), float(longitude))


def _mark(view: maps.Frame, place: maps.Place, label: str, *, is_charge: bool) -> Mark:
    x, y = view.point(place)
    before = x > view.width / 2
    room = int(((x if before else view.width - x) - LABEL_GAP) / LABEL_CHARACTER)
    lines = wrap(
        label,
        max(room, 2),
        max_lines=LABEL_LINES,
        placeholder="\N{HORIZONTAL ELLIPSIS}",
    )
    return Mark(x, y, tuple(lines), label_before=before, is_charge=is_charge)


def assumptions(facts: ReceiptFacts, chosen: Mapping[str, str]) -> list[Assumption]:
    """The comparison's figures, with those the person reading has replaced by sensible ones."""
    used = []
    for comparator in facts.emissions.comparators:
        changeable = comparator.key in CHANGEABLE
        value = _positive(chosen.get(comparator.key, "")) if changeable else None
        used.append(
            Assumption(
                facts=comparator,
                value=comparator.value.normalize() if value is None else value,
                is_changeable=changeable,
                is_changed=value is not None and value != comparator.value,
            )
        )
    return used


def _positive(text: str) -> Decimal | None:
    try:
        value = Decimal(text.strip().replace(",", "."))
    except InvalidOperation:
        return None
    return value if value.is_finite() and 0 < value <= LARGEST_ASSUMPTION else None


def petrol(facts: ReceiptFacts, used: Sequence[Assumption]) -> tuple[Decimal, int]:
    """Kilometres, and what petrol emits over them, under the figures in use."""
    if not any(assumption.is_changed for assumption in used):
        return facts.emissions.distance_km, facts.emissions.petrol_ug
    values = {assumption.facts.key: assumption.value for assumption in used}
    car = PetrolCar(
        well_to_wheel_g_per_mj=values[WELL_TO_WHEEL.key],
        mj_per_l=values[PETROL_ENERGY.key],
        l_per_100_km=values[PETROL_CAR.key],
        kwh_per_km=values[ELECTRIC_CAR.key],
    )
    return car.distance_km(facts.charge.energy_wh), car.petrol_ug(facts.charge.energy_wh)


def emission_lines(facts: ReceiptFacts, petrol_ug: int) -> list[Emission]:
    """This charge, the grid, petrol: the largest as wide as the picture."""
    known = [
        (gettext("This charge"), facts.emissions.charge_ug, True),
        (gettext("The same hours from the grid"), facts.emissions.grid_ug, False),
        (gettext("The same distance on petrol"), petrol_ug, False),
    ]
    amounts = [
        (label, amount, is_charge) for label, amount, is_charge in known if amount is not None
    ]
    top = max((amount for _, amount, _ in amounts), default=0)
    low = min([0, *(amount for _, amount, _ in amounts)])
    whole = max(top - low, 1)
    return [
        Emission(
            label,
            amount,
            round(100 * (min(amount, 0) - low) / whole, 2),
            max(round(100 * abs(amount) / whole, 2), 0.4),
            is_charge,
        )
        for label, amount, is_charge in amounts
    ]
