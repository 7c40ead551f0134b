"""What a CDR or a Session says of a charge, once its shape was found right."""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from charging.domain.meters.carriage import objects
from charging.domain.meters.carriage.messages import MOST_RECORDS
from charging.domain.meters.carried import Carried
from charging.domain.ocpi.countries import two_letters
from charging.domain.ocpi.course import course_of
from charging.domain.ocpi.document import write
from charging.domain.ocpi.values import read_instant, wh_of
from charging.domain.party import PartyName
from charging.domain.split import Course

COMPLETED = "COMPLETED"
GREEN = "PROFILE_GREEN"  # of a tariff: for charges that asked for green energy
NOT_APPLICABLE = "#NA"  # of a reservation that was never used


@dataclass(frozen=True, slots=True)
class Site:
    """Where it was; `country` in two letters or empty, places in degrees or None."""

    uid: str
    name: str
    country: str
    latitude: Decimal | None
    longitude: Decimal | None


@dataclass(frozen=True, slots=True)
class DriverToken:
    """Who charged, as the eMSP names them. Kept nowhere in the clear."""

    party: PartyName
    uid: str
    contract_id: str


@dataclass(frozen=True, slots=True)
class ChargeFacts:
    """One charge: [started_at, ended_at) aware UTC, whole Wh (rounded up), as it was written.

    `session_uid` is empty where a CDR names no session; `site` is None where only its id is
    known, as in a Session; `ended_at` is None while it lasts. `course` is what its periods
    say of how it ran, `signed` the signed meter values that came along. `green_tariff`: one of
    the CDR's tariffs is for green charging. `tariff_uid` is the tariff it began under, if told.
    """

    party: PartyName
    session_uid: str
    started_at: datetime
    ended_at: datetime | None
    energy_wh: int
    raw_energy: str
    location_uid: str
    site: Site | None
    evse_uid: str
    connector: str
    token: DriverToken
    course: Course = field(default_factory=Course)
    signed: tuple[Carried, ...] = ()
    green_tariff: bool = False
    tariff_uid: str = ""


@dataclass(frozen=True, slots=True)
class CdrFacts:
    """A CDR: its charge, and what it credits where it is a Credit CDR."""

    uid: str
    charge: ChargeFacts
    is_credit: bool
    credits: str
    total_cost: Decimal


def read_cdr(cdr: dict[str, Any]) -> CdrFacts:
    """The facts of a checked CDR."""
    place = cdr["cdr_location"]
    charge = ChargeFacts(
        session_uid=cdr.get("session_id") or "",
        energy_wh=wh_of(cdr["total_energy"]),
        raw_energy=write(cdr["total_energy"]).decode(),
        location_uid=place["id"],
        site=read_site(place),
        evse_uid=place["evse_uid"],
        connector=place["connector_id"],
        green_tariff=any(map(_is_green, cdr.get("tariffs") or ())),
        **_common(cdr),
    )
    cost = cdr["total_cost"]
    return CdrFacts(
        uid=cdr["id"],
        charge=charge,
        is_credit=bool(cdr.get("credit")),
        credits=cdr.get("credit_reference_id") or "",
        total_cost=cost.get("excl_vat", cost.get("before_taxes")),
    )


def read_session(session: dict[str, Any]) -> ChargeFacts:
    """The facts of a checked Session."""
    return ChargeFacts(
        session_uid=session["id"],
        energy_wh=wh_of(session["kwh"]),
        raw_energy=write(session["kwh"]).decode(),
        location_uid=session["location_id"],
        site=None,
        evse_uid=session["evse_uid"],
        connector=session["connector_id"],
        **_common(session),
    )


def read_site(place: dict[str, Any]) -> Site:
    """Where a checked Location or CdrLocation is."""
    spot = place["coordinates"]
    return Site(
        uid=place["id"],
        name=place.get("name") or f"{place['address']}, {place['city']}",
        country=two_letters(place["country"]),
        latitude=_degrees(spot["latitude"], 90),
        longitude=_degrees(spot["longitude"], 180),
    )


def _common(row: dict[str, Any]) -> dict[str, Any]:
    token, end = row["cdr_token"], row.get("end_date_time")
    return {
        "party": PartyName.of(row["country_code"], row["party_id"]),
        "started_at": read_instant(row["start_date_time"]),
        "ended_at": read_instant(end) if end else None,
        "token": DriverToken(
            PartyName.of(token["country_code"], token["party_id"]),
            token["uid"],
            token["contract_id"],
        ),
        "course": course_of(row),
        "tariff_uid": _tariff(row),
        "signed": tuple(objects.find(row.get("signed_data"))[:MOST_RECORDS]),
    }


def _is_green(tariff: Any) -> bool:
    """Whether a tariff that came with a CDR is a green one; nobody checked what it is."""
    return isinstance(tariff, dict) and tariff.get("type") == GREEN


def _tariff(row: dict[str, Any]) -> str:
    """The tariff of the first period, else the first that the CDR names, if it is one."""
    periods = row.get("charging_periods") or [{}]
    first = next(iter(row.get("tariffs") or ()), None)
    named = first.get("id") if isinstance(first, dict) else None
    return periods[0].get("tariff_id") or (named if isinstance(named, str) else "")


def _degrees(text: str, limit: int) -> Decimal | None:
    try:
        value = Decimal(text)
    except InvalidOperation:
        return None
    return value if value.is_finite() and abs(value) <= limit else None
