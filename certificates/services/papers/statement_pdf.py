"""The cancellation statement as a tagged PDF (PDF/UA-1)."""

import io
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import segno
import typst

from certificates.domain import statement as statements
from certificates.domain.statement import Facts, Line, Plant

TEMPLATE = Path(__file__).parents[2] / "documents" / "statement.typ"
MOST_LINES = 1_000  # of a table; a longer one is in the JSON file
STATES = {
    statements.SCHEDULED: "Not yet carried out: it can still be undone.",
    statements.UNDONE: "Undone: nothing was used.",
    statements.NOTHING: "Nothing was used.",
    statements.PENDING: "Used, and on its way to a sealed block.",
    statements.CERTIFIED: "Used and certified: every Wh has its number in a sealed block.",
}


def statement_pdf(facts: Facts, *, now: datetime) -> bytes:
    """The statement for printing; the same facts at the same instant give the same bytes."""
    data = statements.document(facts) | {"words": _words(facts, now)}
    for name in ("certificates", "totals", "devices"):  # the texts for people hold these
        del data[name]
    document: bytes = typst.compile(
        str(TEMPLATE),
        format="pdf",
        sys_inputs={"data": json.dumps(data, ensure_ascii=False), "qr": _qr(facts.url)},
        pdf_standards="ua-1",
        ignore_system_fonts=True,
        timestamp=int(now.timestamp()),
    )
    return document


def _qr(url: str) -> str:
    drawn = io.BytesIO()
    segno.make(url, error="m", micro=False).save(drawn, kind="svg", scale=4, border=2)
    return drawn.getvalue().decode()


def _words(facts: Facts, now: datetime) -> dict[str, Any]:
    hours = [(_hour(at), _wh(wh)) for at, wh in statements.totals(facts.lines, statements.by_hour)]
    state = STATES[facts.state]
    if facts.deficit_wh:
        state += (
            f" The meter data of the plants were corrected since: {_wh(facts.deficit_wh)} Wh of "
            "what was used was not generated in its hour."
        )
    plants = statements.totals(facts.lines, statements.by_origin)
    return {
        "title": f"Cancellation statement {facts.number}",
        "headline": f"{statements.mwh(facts.amount_wh)} MWh used for {facts.beneficiary}",
        "state": state,
        "as_of": f"{now.astimezone(UTC):%Y-%m-%d %H:%M} UTC",
        "parties": _parties(facts),
        "volume": _volume(facts),
        "countries": [(country, _wh(wh)) for country, wh in statements.countries(facts)],
        "plants": [(f"{statements.named(facts.plants, o)}, {o[1]}", _wh(wh)) for o, wh in plants],
        "plant_facts": [_plant(facts.plants[gsrn]) for gsrn in _named(facts)],
        "hours": hours[:MOST_LINES],
        "hours_note": _cut(len(hours), "hours"),
        "external": [_external(line) for line in facts.lines if line.external][:MOST_LINES],
        "external_note": _cut(sum(1 for line in facts.lines if line.external), "certificates"),
        "lines": [_line(line, facts.plants) for line in facts.lines[:MOST_LINES]],
        "lines_note": _cut(len(facts.lines), "certificates"),
    }


def _named(facts: Facts) -> list[str]:
    """Every device of the lines: what gave the energy out, and before it what generated that."""
    return list(
        dict.fromkeys(g for line in facts.lines for g in (line.generated_by, line.gsrn) if g)
    )


def _parties(facts: Facts) -> list[tuple[str, str]]:
    used = f"{_day(facts.consumption_starts_at)} to {_day(facts.consumption_ends_at)}"
    rows = [
        ("Statement number", facts.number),
        ("Issued by", facts.registry),
        ("Date", _day(facts.ended_at or facts.asked_at)),
        ("Account holder", f"{facts.holder} ({facts.holder_code})"),
        ("Beneficiary", facts.beneficiary),
        ("Type of beneficiary", facts.beneficiary_kind),
        ("Address", facts.address),
        ("Country of use", facts.country),
        ("Place of use", facts.location),
        ("Purpose", facts.purpose),
        ("Period of use", used),
        ("Note", facts.note),
    ]
    return [row for row in rows if row[1]]


def _volume(facts: Facts) -> list[tuple[str, str]]:
    if not facts.lines:
        return [("Energy", "0 Wh")]
    grams = (facts.emissions_ug + 500_000) // 1_000_000
    first = min(line.starts_at for line in facts.lines)
    last = max(line.ends_at for line in facts.lines)
    return [
        ("Energy", f"{_wh(facts.amount_wh)} Wh ({statements.mwh(facts.amount_wh)} MWh)"),
        ("Of it from renewable sources", f"{_wh(facts.renewable_wh)} Wh"),
        ("Emissions of its generation", f"{grams:,} g CO2e"),
        ("Certificates", f"{len(facts.lines):,}, of 1 Wh face value and one interval each"),
        ("Energy carrier", "Electricity"),
        ("Produced", f"{_hour(first)} to {_hour(last)} UTC"),
    ]


def _plant(plant: Plant) -> dict[str, Any]:
    rows = [
        ("Number (GSRN)", plant.gsrn),
        ("Producer", plant.organisation),
        ("Technology", f"{plant.technology_code} {plant.technology}"),
        ("Energy source", f"{plant.energy_source_code} {plant.energy_source}"),
        ("Capacity", f"{plant.capacity_w:,} W"),
        ("In operation since", plant.commissioned_on),
        ("Country and area", f"{plant.country}, {plant.area} ({plant.area_code})"),
        ("Position", ", ".join(plant.position) if plant.position else ""),
        ("Public support", plant.support),
    ]
    return {"name": plant.name, "rows": [row for row in rows if row[1]]}


def _line(line: Line, plants: Mapping[str, Plant]) -> tuple[str, str, str, str]:
    first = line.first_renewable_wh
    first = line.first_emissions_wh if first is None else first
    numbers = "pending" if first is None else f"{_wh(first)} to {_wh(first + line.amount_wh - 1)}"
    return (
        _hour(line.starts_at),
        statements.named(plants, statements.by_origin(line)),
        _wh(line.amount_wh),
        numbers,
    )


def _external(line: Line) -> tuple[str, str, str, str]:
    origin = line.external
    assert origin is not None
    serials = f"{origin.first_serial} to {origin.last_serial}"
    named = f"{origin.registry} ({origin.registry_country})"
    issuance = f"{origin.issuance_id} ({origin.way})" if origin.way else origin.issuance_id
    return _hour(line.starts_at), named, issuance, serials


def _cut(count: int, what: str) -> str:
    if count <= MOST_LINES:
        return ""
    return f"The first {MOST_LINES:,} of {count:,} {what}; the statement's JSON file has them all."


def _wh(amount: int) -> str:
    return f"{amount:,}"


def _hour(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M}"


def _day(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d}"
