"""A driver's charges as their page and their statements draw them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.urls import reverse
from django.utils import translation
from django.utils.formats import date_format
from django.utils.translation import gettext

from certificates.models import User
from charging.domain.coverage import PPM, Covered, Span, by_span, carbon_free_score_ppm
from charging.domain.wishes import DRIVER
from charging.queries.company.covered import of_driver
from charging.queries.driver.timeline import ClaimedCharge, charges_of
from charging.queries.matching.open_charges import open_charges_of_driver, wish_choices
from charging.views import numbers
from ledger.domain.exporting import harmless

SPANS = (Span.YEAR, Span.MONTH, Span.WEEK, Span.DAY, Span.HOUR)
MOST_ROWS = 400  # of a table on the page
DECEMBER = 12


@dataclass(frozen=True, slots=True)
class Stretch:
    """What a page or statement is about: a year or one of its months, on the driver's clocks.

    `month` is 0 for the whole year.
    """

    year: int
    month: int
    timezone: str

    @property
    def starts_at(self) -> datetime:
        """Its first instant."""
        return datetime(self.year, self.month or 1, 1, tzinfo=ZoneInfo(self.timezone))

    @property
    def ends_at(self) -> datetime:
        """The first instant after it."""
        first = self.month or DECEMBER
        year, month = (self.year + 1, 1) if first == DECEMBER else (self.year, first + 1)
        return datetime(year, month, 1, tzinfo=ZoneInfo(self.timezone))

    def holds(self, charge: ClaimedCharge) -> bool:
        """Whether a charge started in it."""
        return self.starts_at <= charge.started_at < self.ends_at

    @property
    def title(self) -> str:
        """July 2018, or 2018."""
        if not self.month:
            return str(self.year)
        return str(date_format(self.starts_at, "F Y"))

    @property
    def name(self) -> str:
        """2018-07, or 2018."""
        return f"{self.year}-{self.month:02}" if self.month else str(self.year)


@dataclass(frozen=True, slots=True)
class Account:
    """All charges of a driver, the latest first, and the stretch looked at."""

    charges: tuple[ClaimedCharge, ...]
    stretch: Stretch

    @property
    def shown(self) -> list[ClaimedCharge]:
        """The charges that started in the stretch."""
        return [charge for charge in self.charges if self.stretch.holds(charge)]

    @property
    def counted(self) -> list[ClaimedCharge]:
        """Those of them that stand."""
        return [charge for charge in self.shown if not charge.is_void]

    @property
    def years(self) -> list[int]:
        """Years with a charge, the latest first."""
        zone = ZoneInfo(self.stretch.timezone)
        return sorted({c.started_at.astimezone(zone).year for c in self.charges}, reverse=True)


def account(driver: User, asked: Mapping[str, str], now: datetime) -> Account:
    """A driver's charges and the year and month asked for; the latest year without one."""
    charges = tuple(charges_of(driver))
    timezone = charges[0].timezone if charges else "UTC"
    latest = (charges[0].started_at if charges else now).astimezone(ZoneInfo(timezone)).year
    year = _number(asked.get("year", ""), 1970, 9998) or latest
    return Account(charges, Stretch(year, _number(asked.get("month", ""), 1, 12), timezone))


@dataclass(frozen=True, slots=True)
class OpenWish:
    """Charges that are not matched yet, what they wish, and (code, name) of what they may."""

    charges: int
    source: str
    sources: tuple[tuple[str, str], ...]


def wish_of(driver: User) -> OpenWish | None:
    """The open charges of an account and their wish; none where all are matched."""
    wishes = list(open_charges_of_driver(driver).values_list("preferences", flat=True))
    if not wishes:
        return None
    said = (wish["order"][0]["source"] for wish in wishes if wish.get("by") == DRIVER)
    named = [(code, gettext(name)) for code, name in wish_choices().sources]
    return OpenWish(len(wishes), next(said, ""), tuple(named))


def periods(driver: User, stretch: Stretch, span: Span) -> tuple[list[Covered], int | None]:
    """Coverage by periods of the stretch, and its carbon-free score in parts per million.

    Counted by the hours of use: a charge over midnight of New Year is in both years.
    """
    hours = of_driver(driver, stretch.starts_at.astimezone(UTC), stretch.ends_at.astimezone(UTC))
    return by_span(hours, span, stretch.timezone)[:MOST_ROWS], carbon_free_score_ppm(hours)


def span_of(asked: str) -> Span:
    """The periods to show by; months unless asked otherwise."""
    return Span(asked) if asked in Span.__members__.values() else Span.MONTH


def span_label(start: datetime, span: Span, timezone: str) -> str:
    """A period in words, on the clocks of the place."""
    local = start.astimezone(ZoneInfo(timezone))
    match span:
        case Span.YEAR:
            return str(local.year)
        case Span.MONTH:
            return str(date_format(local, "F Y"))
        case Span.WEEK:
            last = local + timedelta(days=6)
            day = gettext("j M")
            return f"{date_format(local, day)} \N{EN DASH} {date_format(last, day)}"
        case Span.DAY:
            return str(date_format(local, gettext("j F Y")))
    return str(date_format(local, gettext("j F Y, H:i")))


def score_words(score_ppm: int | None) -> str:
    """81.0 %, rounded down."""
    return numbers.percent(score_ppm, PPM, 1) if score_ppm is not None else ""


def statement_rows(charges: Sequence[ClaimedCharge]) -> Iterator[list[str]]:
    """A statement as a table: whole Wh, instants in UTC. The same in every language.

    Text that a spreadsheet would take for a formula is set behind an apostrophe.
    """
    yield ["started_at", "site", "energy_wh", "renewable_wh", "receipt"]
    for charge in reversed(charges):
        yield [
            f"{charge.started_at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
            harmless(charge.location),
            str(charge.energy_wh),
            str(charge.renewable_wh),
            _link(charge),
        ]


def statement_paper(found: Account, score_ppm: int | None) -> dict[str, Any]:
    """A statement as its PDF has it, in the language in use."""
    charges = found.counted
    energy = sum(charge.energy_wh for charge in charges)
    renewable = sum(charge.renewable_wh for charge in charges)
    return {
        "language": (translation.get_language() or "en")[:2],
        "heading": gettext("Statement of your charges"),
        "period": found.stretch.title,
        "share": numbers.percent(renewable, energy),
        "sentence": gettext("of the %(energy)s you charged was renewable, made in the same hours.")
        % {"energy": numbers.energy(energy)},
        "score": gettext("Carbon-free in its own hours: %(score)s")
        % {"score": score_words(score_ppm)},
        "head": [gettext(word) for word in ("When", "Where", "Energy", "Renewable", "Share")],
        "rows": [
            [
                str(
                    date_format(
                        charge.started_at.astimezone(ZoneInfo(charge.timezone)),
                        gettext("j F Y, H:i"),
                    )
                ),
                charge.location,
                numbers.kwh(charge.energy_wh),
                numbers.kwh(charge.renewable_wh),
                numbers.percent(charge.renewable_wh, charge.energy_wh),
            ]
            for charge in reversed(charges)
        ],
        "note": gettext(
            "An informative statement of what the charging companies claim for these charges. "
            "Each charge's receipt holds its proof."
        ),
    }


def _link(charge: ClaimedCharge) -> str:
    if not charge.public_id:
        return ""
    return str(settings.PUBLIC_URL + reverse("receipt", args=[charge.public_id]))


def _number(text: str, least: int, most: int) -> int:
    """The number if it is one between the two; otherwise 0."""
    value = int(text) if text.isascii() and text.isdecimal() and len(text) <= 4 else 0
    return value if least <= value <= most else 0
