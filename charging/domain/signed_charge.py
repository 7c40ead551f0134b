"""What signed meter values prove of one charge, and why they may not stand for it.

They count only when a key known from elsewhere verifies them, nothing stands against them, and
they are of the charge's times. Whether another charge was proven with them is not known here.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import ROUND_CEILING, Decimal, InvalidOperation

from charging.domain.local_time import to_seconds
from charging.domain.meters.carriage import messages
from charging.domain.meters.charges import SYNCHRONISED
from charging.domain.meters.findings import Weight
from charging.domain.meters.key_registry import KeyRegistry
from charging.domain.meters.records import Reading
from charging.domain.meters.verification import Verdict, verify
from charging.domain.reconciling.facts import DEFAULT
from charging.domain.split import Reading as SignedPoint
from charging.errors import UnreadableMessage

DRIFT = timedelta(minutes=5)  # of a meter's clock against its charging station's
REPLAYED = "Another charge was proven with this signed meter value."
PPM = 1_000_000
MOST_PLACES = 30  # of a number that is looked at


@dataclass(frozen=True, slots=True)
class Proof:
    """What signed values came to for one charge.

    `energy_wh` whole Wh, none where they do not stand for it; then `refusals` say why. `points`
    are (seconds, Wh on the register). `records` are (SHA-256 in hex, format) of each.
    """

    energy_wh: int | None = None
    exact_wh: Decimal | None = None
    points: tuple[SignedPoint, ...] = ()
    records: tuple[tuple[str, str], ...] = ()
    refusals: tuple[str, ...] = ()

    def refused(self, sentence: str) -> "Proof":
        """The same without force."""
        return replace(self, energy_wh=None, points=(), refusals=(*self.refusals, sentence))


def prove(
    texts: Sequence[str], started_at: datetime, ended_at: datetime, keys: KeyRegistry
) -> Proof:
    """Verify the signed values of a charge [started_at, ended_at), as they stand in its row."""
    try:
        carried = [one for text in texts for one in messages.read(text.encode())]
    except UnreadableMessage as error:
        return Proof(refusals=(f"The signed meter value cannot be read: {error}",))
    verdict = verify(carried, keys)
    records = tuple(
        (each.record.digest, each.record.format) for each in verdict.records if each.record
    )
    if refusal := why_not(verdict, started_at, ended_at):
        against = [each.sentence for each in verdict.findings if each.weight == Weight.AGAINST]
        return Proof(records=records, refusals=tuple(dict.fromkeys([refusal, *against])))
    points = points_of(verdict.charges[0].readings)
    return Proof(verdict.energy_wh, verdict.exact_wh, points, records)


def why_not(verdict: Verdict, started_at: datetime, ended_at: datetime | None) -> str:
    """Why signed values do not stand for the energy of this charge; empty when they do."""
    if not verdict.proves_energy:
        return "The signed meter value does not prove the energy."
    if len(verdict.charges) != 1:
        return "The signed meter values are of several charges."
    if not verdict.energy_wh:
        return "The signed meter value says that nothing was taken."
    metered = verdict.charges[0]
    for said, signed in ((started_at, metered.started_at), (ended_at, metered.ended_at)):
        if said is None or signed is None or abs(said - signed) > DRIFT:
            return "The signed meter value is of another time than the charge."
    return ""


def points_of(readings: Iterable[Reading]) -> tuple[SignedPoint, ...]:
    """The register over time; nothing from a clock that nobody set."""
    listed = list(readings)
    if any(each.clock not in {SYNCHRONISED, ""} for each in listed):
        return ()
    return tuple(
        (to_seconds(each.at), each.energy_wh)
        for each in listed
        if each.at is not None and each.energy_wh is not None
    )


def agrees(stated_wh: int, last_place_wh: int, signed_wh: int) -> bool:
    """Whether a stated amount is the signed one, as roundly as it was written.

    `last_place_wh` is what one unit of its last digit stands for; a number may have been
    rounded or cut off there.
    """
    largest = max(stated_wh, signed_wh)
    allowed = max(DEFAULT.energy_wh, largest * DEFAULT.energy_ppm // PPM, last_place_wh)
    return abs(stated_wh - signed_wh) <= allowed


def last_place_wh(raw: str, unit_wh: int) -> int:
    """What one unit of a number's last written digit stands for, in whole Wh, rounded up.

    `unit_wh` is the Wh of one whole: 1,000 for kWh. Numbers with a comma read like the others.
    """
    try:
        number = Decimal(raw.strip().replace(",", "."))
    except InvalidOperation:
        return 0
    exponent = number.as_tuple().exponent
    if not isinstance(exponent, int) or abs(exponent) > MOST_PLACES:
        return 0
    return int(Decimal(unit_wh).scaleb(min(exponent, 0)).to_integral_value(ROUND_CEILING))
