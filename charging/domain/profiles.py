"""How files of charging sessions are laid out: as data, shipped or chosen by a person."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from importlib.resources import files
from zoneinfo import available_timezones

from charging.domain.party import PartyName
from charging.errors import InvalidMapping

DAY_MONTH_YEAR = "dd/mm/yyyy"
MONTH_DAY_YEAR = "mm/dd/yyyy"
YEAR_MONTH_DAY = "yyyy/mm/dd"
DAY_DOT_MONTH = "dd.mm.yyyy"
DAY_DASH_MONTH = "dd-mm-yyyy"
ISO_8601 = "ISO 8601"
STAMPS = (
    ISO_8601,
    DAY_MONTH_YEAR,
    MONTH_DAY_YEAR,
    YEAR_MONTH_DAY,
    DAY_DOT_MONTH,
    DAY_DASH_MONTH,
)
KWH, WH = "kWh", "Wh"
MAPPED = "mapped"  # the name of a layout that a person chose
LONGEST = 200  # characters of a column's name
MOST_POWER_W = 5_000_000
USUAL_POWER_W = 350_000  # the most that a charger gives, where a layout does not say


@dataclass(frozen=True, slots=True)
class Profile:
    """The columns of one kind of file, its clock, and the most that its chargers can give.

    `stamps` are the ways in which its dates may be written, also mixed in one column; a date
    that two of them read differently has two meanings. `timezone` is an IANA name for local
    stamps without an offset, empty where every stamp carries its own. An end of `start_time`
    or `end_time` left empty means that the date column holds the whole stamp. `missing` are
    words that stand for nothing. `max_power_w` bounds what is believed, with a tolerance of
    `tolerance_wh` for clocks that cut off seconds. `long_stays`: a charge over 24 hours is
    held for a person to say yes to, instead of rejected. `signed` and `signed_end` are columns
    with signed meter values, in one or in two; `token` and `contract` name the driver's card and
    contract and are never kept as they stand; `issuer` names who issued the card, as the party of
    OCPI (DE*ABC), and where a row does not, `issued_by` says it for all; a shipped layout does not
    ask a file for any of these columns.
    """

    name: str
    title: str
    charger: str
    start_date: str
    end_date: str
    energy: str
    connector: str = ""
    site: str = ""
    site_name: str = ""
    start_time: str = ""
    end_time: str = ""
    model: str = ""
    session_id: str = ""
    duration_minutes: str = ""
    duration_hours: str = ""
    signed: str = ""
    signed_end: str = ""
    token: str = ""
    contract: str = ""
    issuer: str = ""
    issued_by: str = ""
    duration_tolerance_s: int = 59
    energy_unit: str = KWH
    decimal: str = "."
    missing: tuple[str, ...] = ()
    stamps: tuple[str, ...] = (ISO_8601,)
    timezone: str = ""
    country: str = ""
    max_power_w: int = USUAL_POWER_W
    tolerance_wh: int = 1_000
    long_stays: bool = False

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column that the file must have."""
        return self.read if self.name == MAPPED else self._named(COLUMNS)

    @property
    def read(self) -> tuple[str, ...]:
        """Every column that is read where the file has it."""
        return self._named((*COLUMNS, *OPTIONAL))

    def _named(self, fields: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(name for name in (getattr(self, field) for field in fields) if name)


COLUMNS = (
    "charger",
    "connector",
    "start_date",
    "start_time",
    "end_date",
    "end_time",
    "energy",
    "site",
    "model",
    "session_id",
    "duration_minutes",
    "duration_hours",
)
DRIVERS = ("token", "contract")  # who charged: hashed on reading
OPTIONAL = ("signed", "signed_end", *DRIVERS, "issuer")
NEEDED = ("charger", "start_date", "end_date", "energy")
TEXTS = (
    *COLUMNS,
    *OPTIONAL,
    "site_name",
    "energy_unit",
    "decimal",
    "timezone",
    "country",
    "issued_by",
)


def mapped(chosen: Mapping[str, object]) -> Profile:
    """The layout that a person chose: names of columns, and how they are written.

    Raises: InvalidMapping, with the field and what it may be.
    """
    known = {field.name for field in fields(Profile)} - {"name", "title"}
    if unknown := set(chosen) - known:
        raise InvalidMapping(f"{min(unknown)!r} is no part of a layout. Known: {sorted(known)}.")
    _check_texts(chosen)
    _check_choice(chosen, "energy_unit", (KWH, WH))
    _check_choice(chosen, "decimal", (".", ","))
    _check_stamps(chosen)
    for name in ("duration_tolerance_s", "max_power_w", "tolerance_wh"):
        number = chosen.get(name, 0)
        is_number = isinstance(number, int) and not isinstance(number, bool)
        if not is_number or not 0 <= number <= MOST_POWER_W:  # type: ignore[operator]
            raise InvalidMapping(f"{name} must be a whole number up to {MOST_POWER_W:,}.")
    if not isinstance(chosen.get("long_stays", False), bool):
        raise InvalidMapping("long_stays must be true or false.")
    return _profile(MAPPED, {"title": "Layout of your own", **chosen})


def _check_texts(chosen: Mapping[str, object]) -> None:
    for name in TEXTS:
        value = chosen.get(name, "")
        if not isinstance(value, str) or len(value) > LONGEST:
            raise InvalidMapping(f"{name} must be text of at most {LONGEST} characters.")
    for name in NEEDED:
        if not chosen.get(name):
            raise InvalidMapping(f"Choose the column for {name.replace('_', ' ')}.")
    issued_by = str(chosen.get("issued_by", ""))
    if issued_by and PartyName.read(issued_by) is None:
        raise InvalidMapping(f"{issued_by!r} is no party that issues cards; write it as DE*ABC.")


def _check_stamps(chosen: Mapping[str, object]) -> None:
    for name in ("stamps", "missing"):
        values = chosen.get(name, ())
        if not isinstance(values, list | tuple) or not all(isinstance(one, str) for one in values):
            raise InvalidMapping(f"{name} must be a list of words.")
    stamps = chosen.get("stamps", (ISO_8601,))
    if not stamps or not set(stamps) <= set(STAMPS):  # type: ignore[call-overload]
        raise InvalidMapping(f"Dates are written in one or more of: {', '.join(STAMPS)}.")
    zone = chosen.get("timezone")
    if zone and zone not in available_timezones():
        raise InvalidMapping(f"{zone!r} is no time zone; write one such as Europe/Berlin.")


def _check_choice(chosen: Mapping[str, object], name: str, options: tuple[str, ...]) -> None:
    if chosen.get(name, options[0]) not in options:
        raise InvalidMapping(f"{name} must be one of: {' '.join(options)}")


def _profile(name: str, table: Mapping[str, object]) -> Profile:
    values = {
        key: tuple(value) if isinstance(value, list) else value for key, value in table.items()
    }
    return Profile(name=name, **values)  # type: ignore[arg-type]


def _shipped() -> dict[str, Profile]:
    source = files("charging.domain") / "data" / "session_profiles.toml"
    tables = tomllib.loads(source.read_text(encoding="utf-8"))
    return {name: _profile(name, table) for name, table in tables.items()}


PROFILES = _shipped()
PERTH_KINROSS, GENERIC = PROFILES["perth_kinross"], PROFILES["generic"]
