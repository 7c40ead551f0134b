"""What a row of a file of sessions can come to.

Rows are accepted, held (a person must decide), rejected, or outside the period asked for.
None is dropped silently: rows = accepted + held + rejected + duplicates + skipped.
"""

from dataclasses import dataclass
from enum import StrEnum

DAY_SECONDS = 24 * 3600
LONGEST_STAY = 14 * DAY_SECONDS  # of a charge that a person said yes to
MAX_CHARGER, MAX_SITE, MAX_UID = 36, 200, 100  # characters
MAX_ENERGY_WH = 10**9  # a thousand MWh in one charge is a unit mixed up


class Verdict(StrEnum):
    """What becomes of a row."""

    ACCEPTED = "accepted"
    HELD = "held"
    REJECTED = "rejected"
    SKIPPED = "skipped"


class Reason(StrEnum):
    """Why a row is not taken, in the words that the report shows."""

    NO_START = "The start is missing."
    NO_END = "The end is missing."
    NO_CHARGER = "The charger is missing."
    NO_ENERGY = "The energy is missing or not a number."
    NOT_POSITIVE = "The energy is zero or less."
    NOT_FORWARD = "The end is not after the start."
    OVER_A_DAY = "The charge lasts longer than 24 hours."
    OVER_POWER = "More energy than the charger can give in this time."
    TWO_MEANINGS = "The clock repeats this hour; the row does not say which one it means."
    TWO_DATES = "The date can be read in two ways; the row does not say which is the month."
    NO_SUCH_TIME = "The clock skips this hour; no such local time exists."
    OTHER_DURATION = "The stated duration is not the time between start and end."
    NO_OFFSET = "The stamp has no offset from UTC."
    AREA_UNKNOWN = "The bidding area of this site is unknown."
    NOT_OVER = "The charge is not over yet; send it when it is."
    TOO_LONG = "The text is longer than any such name."
    SAME_CHARGE = "A charge of the same times and energy is known under another id."
    BY_OCPI = "A charge at this charge point and start came by OCPI already."
    SIGNED_OTHERWISE = "The signed meter value says another amount of energy than the row."
    OTHER_CHARGER = "A charge at another charger is known under this id."
    CORRECTION = "A session with this identity is known with other content."


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with one field of a row."""

    field: str
    value: str
    reason: str


@dataclass(frozen=True, slots=True)
class Charge:
    """A believed row. Instants are seconds since 1970 (UTC), [started, ended), whole Wh.

    `last_place_wh` is what the last digit of its energy stands for; `signed` are signed meter
    values as they stand in the row, `token` and `contract` marks (hex) of the driver's.
    """

    uid: str
    charger: str
    connector: str
    site: str
    model: str
    started: int
    ended: int
    energy_wh: int
    raw_energy: str
    last_place_wh: int = 0
    signed: tuple[str, ...] = ()
    token: str = ""
    contract: str = ""


@dataclass(frozen=True, slots=True)
class Proposal:
    """A way to take a held row, for a person to say yes to: its kind, words, and the charge."""

    kind: str
    words: str
    charge: Charge


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a row came to; one that is held may say how it could be taken.

    `doubted` is a charge that only takes more than its charger gives: perhaps a register.
    """

    verdict: Verdict
    charge: Charge | None = None
    problems: tuple[Problem, ...] = ()
    proposals: tuple[Proposal, ...] = ()
    doubted: Charge | None = None


@dataclass(frozen=True, slots=True)
class Period:
    """[starts, ends) in seconds since 1970; `None` leaves an end open."""

    starts: int | None = None
    ends: int | None = None

    def holds(self, instant: int) -> bool:
        """Whether the instant lies in the period."""
        return (self.starts is None or instant >= self.starts) and (
            self.ends is None or instant < self.ends
        )
