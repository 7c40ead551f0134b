"""What a meter file rarely says: chosen by a person, stated by the file, or guessed from it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from certificates.domain.formats.times import ORDERS
from certificates.domain.formats.zones import zone_of
from certificates.errors import ChoiceNeeded, ChoiceRefused

MARK = "@"  # a selection's keys that begin so are choices; the others filter lines by column
GIVEN, STATED, USUAL, GUESSED, OPEN = "given", "stated", "usual", "guessed", "open"
UNITS = {"wh": "Wh", "kwh": "kWh", "mwh": "MWh", "w": "W", "kw": "kW", "mw": "MW"}
POWER = frozenset({"w", "kw", "mw"})
OPTIONS: dict[str, tuple[str, ...]] = {
    "unit": tuple(UNITS),
    "stamp": ("start", "end"),
    "sign": ("as_is", "reversed"),
    "counter": ("interval", "cumulative"),
    "absent": ("gap", "zero"),
    "decimal": (".", ","),
    "dates": ORDERS,
    "length": ("1", "5", "10", "15", "20", "30", "60"),
}
FREE = ("zone", "start", "energy", "device", "key")  # a zone, names of columns, a register
NAMES = (*OPTIONS, *FREE)
# Whoever gets these wrong makes other energy or other hours of it: never taken as a guess.
GRAVE = ("start", "energy", "zone", "unit", "dates", "stamp", "counter", "length")
QUESTIONS = {
    "start": "The file does not say which column is the time. Choose it.",
    "energy": "The file does not say which column is the energy. Choose it.",
    "stamp": "The times look like the end of each interval. Choose start or end.",
    "counter": "The values only ever grow, like a meter's register. Choose interval or cumulative.",
    "zone": "The times do not say their zone. Choose it, for example UTC or Europe/London.",
    "unit": "The file does not say its unit. Choose W, kW or MW (mean power) or Wh, kWh or MWh.",
    "length": "One line does not show how long its interval is. Choose the minutes.",
    "dates": "The dates can be read with the day first or the month first. Choose one.",
}


@dataclass(frozen=True, slots=True)
class Choice:
    """One decision: its value, how it came about, and why."""

    value: str
    basis: str
    because: str = ""

    @property
    def is_settled(self) -> bool:
        return self.basis in (GIVEN, STATED, USUAL)


@dataclass(frozen=True, slots=True)
class Choices:
    """All decisions about one file, by name."""

    made: Mapping[str, Choice] = field(default_factory=dict)

    def __getitem__(self, name: str) -> str:
        return self.made[name].value if name in self.made else ""

    def with_(self, **more: Choice) -> "Choices":
        """These and more; what a person gave stays."""
        given = {name: one for name, one in self.made.items() if one.basis == GIVEN}
        return replace(self, made={**self.made, **more, **given})

    @property
    def unsettled(self) -> list[str]:
        """Grave decisions that are open or only guessed."""
        return [name for name in GRAVE if name in self.made and not self.made[name].is_settled]

    @property
    def open(self) -> list[str]:
        """Decisions without which nothing can be read."""
        return [name for name, one in self.made.items() if one.basis == OPEN]

    def demand_settled(self) -> None:
        """Raises: ChoiceNeeded for the first grave decision that nobody took."""
        for name in self.unsettled:
            raise ChoiceNeeded(question(name), choice=name)

    def as_dict(self) -> dict[str, dict[str, str]]:
        return {
            name: {"value": one.value, "basis": one.basis, "because": one.because}
            for name, one in self.made.items()
        }


def question(name: str) -> str:
    """The sentence that asks for a choice, and how the other doors take it."""
    return f"{QUESTIONS[name]} (In a command or call: {MARK}{name}=...)"


def given_choices(selection: Mapping[str, str]) -> Choices:
    """The choices in a selection. Raises: ChoiceRefused for an unknown name or value."""
    made = {}
    for key, value in selection.items():
        if not key.startswith(MARK):
            continue
        name, value = key.removeprefix(MARK), value.strip()
        if name not in NAMES:
            raise ChoiceRefused(f"There is no choice {key}. Known: {', '.join(NAMES)}.")
        options = OPTIONS.get(name)
        value = value.lower() if options else value
        if options and value not in options:
            raise ChoiceRefused(
                f"{key} is one of {', '.join(options)}, not {value[:40]!r}.", choice=name
            )
        if name == "zone" and zone_of(value) is None:
            raise ChoiceRefused(
                f"There is no time zone {value[:40]!r}. Write one like UTC, Europe/London "
                "or +10:00.",
                choice="zone",
            )
        made[name] = Choice(value, GIVEN, "you chose it")
    return Choices(made)


def filters_of(selection: Mapping[str, str]) -> dict[str, str]:
    """The conditions on columns in a selection."""
    return {name: value for name, value in selection.items() if not name.startswith(MARK)}
