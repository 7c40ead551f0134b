"""What a file of another registry's certificates would bring in, and why some of it cannot."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, BinaryIO

from django.db import transaction

from certificates.domain.external import gc_csv
from certificates.domain.external.gc_csv import FROM_FILE, ExternalFile, Progress
from certificates.domain.external.judging import PlantFacts, judge, meanings, too_full
from certificates.domain.external.line import ExternalLine
from certificates.domain.external.moments import instant_of
from certificates.domain.formats.times import text_of
from certificates.domain.meter_lines import LineProblem
from certificates.domain.meter_values import minute_of
from certificates.errors import DeviceNotApproved, ImportRefused, LinesRefused, RefusedLine
from certificates.models import CertificateImport, Device, ExternalRegistry, Quality
from certificates.queries.external_ranges import certified_here, own_numbers, taken
from certificates.queries.plants.factors import factor_for, factor_name
from certificates.services.meters.storing import (
    IMPORTS,
    StoredFile,
    of_plant,
    opened,
    store,
    stored_before,
)

ERRORS_KEPT = 1_000  # lines listed in a report; the rest are counted
SHOWN = 5  # of places and words of a kind in a sentence


@dataclass(slots=True)
class Examined:
    """A file as read for one plant: good lines, and every problem in the order of the file."""

    read: ExternalFile
    plant: PlantFacts
    problems: list[LineProblem]

    @property
    def lines(self) -> Sequence[ExternalLine]:
        return self.read.lines

    @property
    def takes_factors(self) -> bool:
        """Whether lots keep the factors that the file states."""
        chosen = self.read.choices.get("factors")
        return chosen is not None and chosen.value == FROM_FILE


def check_plant(device: Device) -> None:
    """Raises: ImportRefused, DeviceNotApproved."""
    if device.kind != Device.Kind.EXTERNAL:
        raise ImportRefused(
            f"{device.name} gets its certificates here, from meter files. Certificates of another "
            "registry are brought in for a plant that is registered as certified elsewhere."
        )
    if device.status != Device.Status.APPROVED:
        raise DeviceNotApproved(
            f"{device.name} is {device.status}. Certificates are brought in once it is approved."
        )
    if device.quality == Quality.ESTIMATED:
        raise ImportRefused(
            f"The readings of {device.name} are estimated; such certificates are not issued here."
        )


def preview(
    *,
    device: Device,
    registry: ExternalRegistry,
    stream: BinaryIO,
    choices: Mapping[str, str],
    now: datetime,
) -> dict[str, Any]:
    """What bringing a file in would do, with every bad line; keeps nothing.

    Raises: ImportRefused, DeviceNotApproved, MeterFileRefused and its kinds.
    """
    check_plant(device)
    stored = keep(device, stream)
    try:
        examined = examine(
            device=device, registry=registry, stored=stored, choices=choices, now=now
        )
        return report_of(examined, device)
    finally:
        drop_unused(stored)


def keep(device: Device, stream: BinaryIO) -> StoredFile:
    """The file in the plant's folder. Raises: UploadTooLarge."""
    return store(stream, of_plant(IMPORTS, device.gsrn))


@transaction.atomic
def drop_unused(stored: StoredFile) -> None:
    """Take the stored content away again where nothing came to refer to it.

    The lock on the plant waits for whoever is handing the same file in.
    """
    Device.objects.select_for_update().filter(gsrn=stored.gsrn).first()
    if not CertificateImport.objects.filter(stored_as=stored.stored_as).exists():
        stored.path.unlink(missing_ok=True)


def drop_forgotten(*, now: datetime) -> None:
    """Remove files that somebody looked at over a day ago and never handed in."""
    for stored in stored_before(IMPORTS, now=now):
        drop_unused(stored)


def examine(
    *,
    device: Device,
    registry: ExternalRegistry,
    stored: StoredFile,
    choices: Mapping[str, str],
    now: datetime,
) -> Examined:
    """Read a stored file for a plant, against what was brought in before.

    Raises: ImportRefused, MeterFileRefused and its kinds.
    """
    return judged(device, registry, read_stored(stored, choices), now)


def read_stored(
    stored: StoredFile, choices: Mapping[str, str], progress: Progress | None = None
) -> ExternalFile:
    """A stored file under the choices. Raises: as `examine`."""
    with opened(stored.path) as stream:
        return gc_csv.read_file(stream, choices, progress)


def judged(
    device: Device, registry: ExternalRegistry, read: ExternalFile, now: datetime
) -> Examined:
    """What was read, against the plant and all that was brought in before."""
    plant = plant_facts(device)
    found = judge(
        read.lines,
        plant=plant,
        now=minute_of(now),
        known=taken(registry, read.lines),
        own_codes=own_numbers(read.lines),
    )
    problems = sorted([*read.problems, *found], key=lambda problem: problem.line)
    return Examined(read, plant, problems)


def check_all_good(examined: Examined) -> None:
    """Raises: ChoiceNeeded, LinesRefused with every line that cannot come in."""
    examined.read.demand_settled()
    if examined.problems:
        raise LinesRefused(
            [
                RefusedLine(one.line, one.field, f"{one.value!r} {one.reason}.")
                for one in examined.problems
            ]
        )


def plant_facts(device: Device) -> PlantFacts:
    """The plant as the domain knows it; its days begin and end at midnight UTC."""
    until = device.valid_until
    return PlantFacts(
        technology_code=device.technology_code,
        energy_source_code=device.energy_source_code,
        capacity_w=device.capacity_w,
        in_service_from=_midnight(device.commissioned_on),
        in_service_until=_midnight(until + timedelta(days=1)) if until else None,
    )


def _midnight(day: date) -> int:
    return minute_of(datetime.combine(day, time(), UTC))


def report_of(examined: Examined, device: Device) -> dict[str, Any]:
    """Counts, bad lines and everything that was understood; whole JSON values."""
    read, lines = examined.read, examined.lines
    bad = {problem.line for problem in examined.problems}
    problems = [problem.as_dict() for problem in examined.problems[:ERRORS_KEPT]]
    report: dict[str, Any] = {
        "rows": read.rows,
        "good": read.rows - len(bad) if not read.open else 0,
        "bad": len(bad),
        "amount_wh": sum(line.amount_wh for line in lines),
        "choices": {
            name: {"value": one.value, "basis": one.basis, "because": one.because}
            for name, one in read.choices.items()
        },
        "open": read.open,
        "unknown_columns": read.unknown_columns[:50],
        "errors": problems,
        "errors_omitted": len(examined.problems) - len(problems),
        "starts_at": None,
        "ends_at": None,
        "expires_at": None,
        "first_serial": None,
        "last_serial": None,
        "sources": [],
        "stated": {},
        "factor": "",
        "findings": [],
    }
    return report | _understood(examined, device) if lines else report


def _understood(examined: Examined, device: Device) -> dict[str, Any]:
    lines = examined.lines
    ends = [line.expires for line in lines if line.expires is not None]
    words = Counter(line.energy_source for line in lines)
    known = meanings(lines, examined.plant)
    return {
        "starts_at": text_of(min(line.start for line in lines)),
        "ends_at": text_of(max(line.end for line in lines)),
        "expires_at": text_of(min(ends)) if ends else None,
        "first_serial": str(min(line.first_serial for line in lines)),
        "last_serial": str(max(line.last_serial for line in lines)),
        "sources": [
            {
                "word": word,
                "lines": count,
                "meaning": known[word].words if word in known else "",
                "technology_code": device.technology_code,
                "energy_source_code": device.energy_source_code,
            }
            for word, count in words.most_common(SHOWN)
        ],
        "stated": {name: _stated(lines, name) for name in STATED},
        "factor": _factor(examined, device),
        "findings": _findings(examined, device),
    }


STATED = (
    "issuing_body",
    "country_of_issuance",
    "issue_market_zone",
    "support_received",
    "emissions_factor_source",
)


def _stated(lines: Sequence[ExternalLine], name: str) -> str:
    """What the lines say under a column; several values side by side."""
    found = Counter(line.facts[name] for line in lines if name in line.facts)
    more = f" and {len(found) - SHOWN} more" if len(found) > SHOWN else ""
    return ", ".join(value for value, _ in found.most_common(SHOWN)) + more


def _factor(examined: Examined, device: Device) -> str:
    """Whose emission factor the certificates will keep, in words."""
    own = factor_for(device)
    registry = (
        f"{own.emissions_ug_per_wh / 1000:g} g CO2e per kWh ({factor_name(own)})"
        if own
        else "none: this registry knows no factor for such a plant"
    )
    stated = [line.factor_ug_per_wh for line in examined.lines if line.factor_ug_per_wh is not None]
    if not examined.takes_factors or not stated:
        return f"this registry's: {registry}"
    low, high = min(stated) / 1000, max(stated) / 1000
    words = f"{low:g}" if low == high else f"{low:g} to {high:g}"
    rest = len(examined.lines) - len(stated)
    more = f"; {rest} lines state none and keep {registry}" if rest else ""
    return f"the file's: {words} g CO2e per kWh{more}"


def _findings(examined: Examined, device: Device) -> list[str]:
    """What is allowed and yet a reason to look."""
    lines = examined.lines
    found = []
    full = too_full(lines, device.capacity_w)
    if full:
        found.append(
            f"{len(full)} intervals hold more than {device.capacity_w:,} W can make, the first at "
            f"{text_of(full[0])}."
        )
    found += _ways(lines, device)
    first, last = (instant_of(edge(line.start for line in lines)) for edge in (min, max))
    for plant in certified_here(device, first, last):
        found.append(
            f"{plant}, of the same owner, source and area, got certificates here for some of "
            "these hours. Make sure that it is not the same plant."
        )
    zones = {line.facts["issue_market_zone"] for line in lines if "issue_market_zone" in line.facts}
    named = {device.area.code.lower(), device.area.name.lower()}
    if other := sorted(zone for zone in zones if zone.lower() not in named):
        found.append(
            f"The file names the market zone {', '.join(other[:SHOWN])}; the plant is registered "
            f"in {device.area.name} ({device.area.code}), where its certificates will count."
        )
    return found


def _ways(lines: Sequence[ExternalLine], device: Device) -> list[str]:
    """What to compare where energy was stored or converted before it was certified."""
    stored = sum(line.is_stored for line in lines)
    converted = sum(line.is_converted for line in lines)
    found = []
    if stored:
        found.append(
            f"Of {stored:,} lines the energy came out of storage. Make sure that {device.name} "
            "generated it, and that what was cancelled for the storage does not come in as well."
        )
    if converted:
        found.append(
            f"Of {converted:,} lines the energy was converted from another carrier. Make sure that "
            f"{device.name} generated it, and that its certificates were cancelled for that."
        )
    return found
