"""What a yearly evidence pack says, file by file; from rows to bytes, with no other source.

Certificates are listed without the charges they were used for: who charged when is nobody's
business but the driver's. The interval of use is listed, because the claim is made by it.
"""

import csv
import hashlib
import io
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any, NamedTuple

from charging.domain.emissions import Factor, Used

FORMAT = "renewable-energy-registry/evidence-pack/1"
HOURS, CERTIFICATES, README = "hours.csv", "certificates.csv", "README.txt"
GRID = "grid.csv"  # where marginal figures are known
MANIFEST, SIGNATURE = "manifest.json", "manifest.signature.json"
MOST_IN_PROOF = 1_000  # a proof file may hold 2,000 retirements
RENEWABLE, EMISSIONS = 1, 2
ATTRIBUTES = {1: "renewable", 2: "emissions", 3: "renewable+emissions"}
LINES_AT_ONCE = 2_000


class HourRow(NamedTuple):
    """One area and interval: whole Wh that final charges took, and what covers them."""

    area: str
    starts_at: datetime
    minutes: int
    charged_wh: int
    matched_wh: int
    renewable_wh: int
    certified_wh: int
    missing_wh: int


class CertificateRow(NamedTuple):
    """Wh of one lot, retired for one hour of one charge.

    Empty numbers and block: not certified yet. `entry` finds the proof, and is not listed.
    """

    used_from: datetime
    used_minutes: int
    area: str
    plant: str
    made_from: datetime
    made_minutes: int
    lot: str
    mask: int
    amount_wh: int
    first_renewable_wh: int | None
    first_emissions_wh: int | None
    factor_ug_per_wh: int | None
    block: int | None
    entry: int

    @property
    def is_certified(self) -> bool:
        """Whether a sealed block holds it."""
        return self.block is not None

    @property
    def emissions_ug(self) -> int | None:
        """Micrograms CO2e by the lot's own factor, where its emissions were retired too."""
        if not self.mask & EMISSIONS or self.factor_ug_per_wh is None:
            return None
        return self.amount_wh * self.factor_ug_per_wh


class GridRow(NamedTuple):
    """What the grid of an area emitted in an interval, by two ways to count, side by side.

    Milligrams CO2e per kWh (micrograms per Wh); `None` where no figure is known. The average
    is of all that generated, the marginal of what one Wh more would have run.
    """

    area: str
    starts_at: datetime
    minutes: int
    charged_wh: int
    average: Factor | None
    marginal: Factor | None


@dataclass(frozen=True, slots=True)
class Totals:
    """Sums over the year, in whole Wh; `certificates` counts rows."""

    charged_wh: int
    matched_wh: int
    renewable_wh: int
    certified_wh: int
    missing_wh: int
    certificates: int


def totals_of_hours(rows: Sequence[HourRow], certificates: int) -> Totals:
    """What the hours add up to."""
    return Totals(
        charged_wh=sum(row.charged_wh for row in rows),
        matched_wh=sum(row.matched_wh for row in rows),
        renewable_wh=sum(row.renewable_wh for row in rows),
        certified_wh=sum(row.certified_wh for row in rows),
        missing_wh=sum(row.missing_wh for row in rows),
        certificates=certificates,
    )


def disagreements(hours: Sequence[HourRow], certificates: Sequence[CertificateRow]) -> list[str]:
    """In which sums the two lists of a pack differ; empty when they agree, hour by hour."""
    found = []
    summed: dict[tuple[str, datetime], list[int]] = {}
    for row in certificates:
        sums = summed.setdefault((row.area, row.used_from), [0, 0, 0])
        sums[0] += row.amount_wh
        sums[1] += row.amount_wh if row.mask & RENEWABLE else 0
        sums[2] += row.amount_wh if row.is_certified else 0
    for hour in hours:
        sums = summed.pop((hour.area, hour.starts_at), [0, 0, 0])
        if sums != [hour.matched_wh, hour.renewable_wh, hour.certified_wh]:
            found.append(f"{hour.area} {stamp(hour.starts_at)}: the certificates add up to {sums}")
        if hour.missing_wh < hour.charged_wh - hour.matched_wh:
            found.append(f"{hour.area} {stamp(hour.starts_at)}: more is missing than is said")
    found += [f"{area} {stamp(start)}: no such hour" for area, start in summed]
    return found


@dataclass(frozen=True, slots=True)
class ProofFile:
    """The certified rows that one proof shows, in its order."""

    name: str
    rows: tuple[CertificateRow, ...]


def proof_files(rows: Sequence[CertificateRow]) -> list[ProofFile]:
    """One file for each UTC day of use, more where a day has more than fits."""
    files = []
    certified = [row for row in rows if row.is_certified]
    for day, group in groupby(certified, key=lambda row: row.used_from.date()):
        of_day = tuple(group)
        for part, start in enumerate(range(0, len(of_day), MOST_IN_PROOF), 1):
            name = f"proofs/{day:%Y-%m-%d}{f'-{part}' if part > 1 else ''}.json"
            files.append(ProofFile(name, of_day[start : start + MOST_IN_PROOF]))
    return files


def hours_csv(rows: Iterable[HourRow]) -> Iterator[bytes]:
    """The hours, a line each."""
    header = (
        "area",
        "starts_at",
        "minutes",
        "charged_wh",
        "matched_wh",
        "renewable_wh",
        "certified_wh",
        "missing_wh",
    )
    return _csv(header, ((row.area, stamp(row.starts_at), *row[2:]) for row in rows))


def grid_csv(rows: Iterable[GridRow]) -> Iterator[bytes]:
    """What charging took from the grid by either way to count; nothing is added up."""
    header = ["area", "starts_at", "minutes", "charged_wh"]
    for kind in ("average", "marginal"):
        names = ("ug_per_wh", "emissions_ug", "gas", "scope", "source", "version")
        header += [f"{kind}_{name}" for name in names]
    return _csv(
        header,
        (
            (
                row.area,
                stamp(row.starts_at),
                row.minutes,
                row.charged_wh,
                *_factor(row.charged_wh, row.average),
                *_factor(row.charged_wh, row.marginal),
            )
            for row in rows
        ),
    )


def _factor(amount_wh: int, factor: Factor | None) -> tuple[int | str, ...]:
    if factor is None:
        return ("",) * 6
    return (
        factor.ug_per_wh,
        Used(amount_wh, factor).emissions_ug,
        factor.gas,
        factor.scope,
        factor.source,
        factor.version,
    )


def certificates_csv(
    rows: Iterable[CertificateRow], proofs: Sequence[ProofFile]
) -> Iterator[bytes]:
    """The certificates, a line each, with the proof that shows it and its place there."""
    places = {
        row.entry: (file.name, position)
        for file in proofs
        for position, row in enumerate(file.rows)
    }
    header = (
        "used_from",
        "used_minutes",
        "area",
        "plant_gsrn",
        "made_from",
        "made_minutes",
        "lot",
        "attributes",
        "amount_wh",
        "first_renewable_wh",
        "first_emissions_wh",
        "factor_ug_per_wh",
        "emissions_ug",
        "state",
        "block",
        "proof",
        "position",
    )
    return _csv(header, (_certificate_line(row, *places.get(row.entry, ("", ""))) for row in rows))


def _certificate_line(row: CertificateRow, proof: str, position: int | str) -> tuple[Any, ...]:
    return (
        stamp(row.used_from),
        row.used_minutes,
        row.area,
        row.plant,
        stamp(row.made_from),
        row.made_minutes,
        row.lot,
        ATTRIBUTES[row.mask],
        row.amount_wh,
        _blank(row.first_renewable_wh),
        _blank(row.first_emissions_wh),
        _blank(row.factor_ug_per_wh),
        _blank(row.emissions_ug),
        "certified" if row.is_certified else "pending",
        _blank(row.block),
        proof,
        position,
    )


def manifest(
    about: Mapping[str, str | int], totals: Totals, digests: Iterable[tuple[str, int, str]]
) -> bytes:
    """What is in the pack: every file with its bytes and SHA-256, and the year's totals."""
    document = {
        "format": FORMAT,
        **about,
        "totals": {name: getattr(totals, name) for name in Totals.__slots__},
        "files": [
            {"name": name, "bytes": size, "sha256": digest} for name, size, digest in digests
        ],
    }
    return as_json(document)


def as_json(document: Mapping[str, Any]) -> bytes:
    """Canonical enough to be compared, and readable."""
    return (json.dumps(document, ensure_ascii=False, indent=1) + "\n").encode()


class Digests:
    """Notes size and SHA-256 of files while they go by."""

    def __init__(self) -> None:
        self.found: list[tuple[str, int, str]] = []

    def watch(self, name: str, chunks: Iterable[bytes]) -> Iterator[bytes]:
        """The same chunks; noted once the last has gone by."""
        size, digest = 0, hashlib.sha256()
        for chunk in chunks:
            size += len(chunk)
            digest.update(chunk)
            yield chunk
        self.found.append((name, size, digest.hexdigest()))


def stamp(instant: datetime) -> str:
    """An instant as 2018-06-01T10:00:00Z."""
    return f"{instant:%Y-%m-%dT%H:%M:%SZ}"


def _blank(value: int | None) -> int | str:
    return "" if value is None else value


def _csv(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> Iterator[bytes]:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    for number, row in enumerate(rows, 1):
        writer.writerow(row)
        if not number % LINES_AT_ONCE:
            yield text.getvalue().encode()
            text.seek(0)
            text.truncate()
    yield text.getvalue().encode()
