"""The cancellation statement as a tagged PDF (PDF/UA-1), in the language in force."""

import io
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import segno
import typst
from django.utils.formats import number_format
from django.utils.translation import get_language
from django.utils.translation import gettext as _

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
    """The statement for printing; the same facts at the same instant give the same bytes in
    one language.
    """
    data = statements.document(facts) | {"words": _words(facts, now), "labels": _labels()}
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


def _labels() -> dict[str, Any]:
    """What the document says around the facts, and in which language."""
    return {
        "lang": (get_language() or "en")[:2],
        "page": _("Page"),
        "of": _("of"),
        "facts": (_("What"), _("As stated")),
        "who": _("Who and what for"),
        "how_much": _("How much"),
        "by_country": _("By country"),
        "country": (_("Country of production"), "Wh"),
        "by_plant": _("By plant"),
        "plant": (_("Plant"), "Wh"),
        "plants": _("The plants"),
        "by_hour": _("By hour"),
        "hour": (_("Hour, UTC"), "Wh"),
        "external": _("Issued by another registry"),
        "external_words": _(
            "These certificates were cancelled or exported there before they came in. Each stands "
            "for a part of the serials named."
        ),
        "external_names": (_("Interval, UTC"), _("Registry"), _("Issuance"), _("Serials")),
        "certificates": _("Certificates"),
        "certificate": (_("Interval, UTC"), _("Plant"), "Wh", _("Wh numbers")),
        "qr": _("QR code of this statement's page"),
    }


def _words(facts: Facts, now: datetime) -> dict[str, Any]:
    hours = [(_hour(at), _wh(wh)) for at, wh in statements.totals(facts.lines, statements.by_hour)]
    state = _(STATES[facts.state])
    if facts.deficit_wh:
        state += " " + _(
            "The meter data of the plants were corrected since: %(wh)s Wh of what was used was not "
            "generated in its hour."
        ) % {"wh": _wh(facts.deficit_wh)}
    plants = statements.totals(facts.lines, statements.by_origin)
    return {
        "title": _("Cancellation statement %(number)s") % {"number": facts.number},
        "headline": _("%(mwh)s MWh used for %(beneficiary)s")
        % {"mwh": _mwh(facts.amount_wh), "beneficiary": facts.beneficiary},
        "state": state,
        "check": _("Check it at"),
        "as_of": _("That page shows its present state; this print shows it as of %(instant)s.")
        % {"instant": f"{now.astimezone(UTC):%Y-%m-%d %H:%M} UTC"},
        "note": _(statements.NOT_TRANSFERABLE),
        "parties": _parties(facts),
        "volume": _volume(facts),
        "countries": [(country, _wh(wh)) for country, wh in statements.countries(facts)],
        "plants": [(f"{_named_origin(facts.plants, o)}, {o[1]}", _wh(wh)) for o, wh in plants],
        "plant_facts": [_plant(facts.plants[gsrn]) for gsrn in _named(facts)],
        "hours": hours[:MOST_LINES],
        "hours_note": _cut(len(hours), _("hours")),
        "external": [_external(line) for line in facts.lines if line.external][:MOST_LINES],
        "external_note": _cut(sum(1 for line in facts.lines if line.external), _("certificates")),
        "lines": [_line(line, facts.plants) for line in facts.lines[:MOST_LINES]],
        "lines_note": _cut(len(facts.lines), _("certificates")),
    }


def _named(facts: Facts) -> list[str]:
    """Every device of the lines: what gave the energy out, and before it what generated that."""
    return list(
        dict.fromkeys(g for line in facts.lines for g in (line.generated_by, line.gsrn) if g)
    )


def _parties(facts: Facts) -> list[tuple[str, str]]:
    used = _("%(first)s to %(last)s") % {
        "first": _hour(facts.consumption_starts_at),
        "last": f"{_hour(facts.consumption_ends_at)} UTC",
    }
    rows = [
        (_("Statement number"), facts.number),
        (_("Issued by"), facts.registry),
        (_("Date"), _day(facts.ended_at or facts.asked_at)),
        (_("Account holder"), f"{facts.holder} ({facts.holder_code})"),
        (_("Beneficiary"), facts.beneficiary),
        (_("Type of beneficiary"), _(facts.beneficiary_kind)),
        (_("Address"), facts.address),
        (_("Country of use"), facts.country),
        (_("Place of use"), facts.location),
        (_("Purpose"), facts.purpose),
        (_("Period of use"), used),
        (_("Note"), facts.note),
    ]
    return [row for row in rows if row[1]]


def _volume(facts: Facts) -> list[tuple[str, str]]:
    if not facts.lines:
        return [(_("Energy"), "0 Wh")]
    grams = (facts.emissions_ug + 500_000) // 1_000_000
    first = min(line.starts_at for line in facts.lines)
    last = max(line.ends_at for line in facts.lines)
    return [
        (_("Energy"), f"{_wh(facts.amount_wh)} Wh ({_mwh(facts.amount_wh)} MWh)"),
        (_("Of it from renewable sources"), f"{_wh(facts.renewable_wh)} Wh"),
        (_("Emissions of its generation"), f"{_wh(grams)} g CO2e"),
        (
            _("Certificates"),
            _("%(count)s, of 1 Wh face value and one interval each")
            % {"count": _wh(len(facts.lines))},
        ),
        (_("Energy carrier"), _("Electricity")),
        (
            _("Produced"),
            _("%(first)s to %(last)s") % {"first": _hour(first), "last": f"{_hour(last)} UTC"},
        ),
    ]


def _plant(plant: Plant) -> dict[str, Any]:
    rows = [
        (_("Number (GSRN)"), plant.gsrn),
        (_("Producer"), plant.organisation),
        (_("Technology"), f"{plant.technology_code} {_(plant.technology)}"),
        (_("Energy source"), f"{plant.energy_source_code} {_(plant.energy_source)}"),
        (_("Capacity"), f"{_wh(plant.capacity_w)} W"),
        (_("In operation since"), plant.commissioned_on),
        (_("Country and area"), f"{plant.country}, {plant.area} ({plant.area_code})"),
        (_("Position"), ", ".join(plant.position) if plant.position else ""),
        (_("Public support"), _(plant.support)),
    ]
    return {"name": plant.name, "rows": [row for row in rows if row[1]]}


def _line(line: Line, plants: Mapping[str, Plant]) -> tuple[str, str, str, str]:
    first = line.first_renewable_wh
    first = line.first_emissions_wh if first is None else first
    numbers = _("pending")
    if first is not None:
        last = first + line.amount_wh - 1
        numbers = _("%(first)s to %(last)s") % {"first": _wh(first), "last": _wh(last)}
    return (
        _hour(line.starts_at),
        _named_origin(plants, statements.by_origin(line)),
        _wh(line.amount_wh),
        numbers,
    )


def _external(line: Line) -> tuple[str, str, str, str]:
    origin = line.external
    assert origin is not None
    serials = _("%(first)s to %(last)s") % {
        "first": origin.first_serial,
        "last": origin.last_serial,
    }
    named = f"{origin.registry} ({origin.registry_country})"
    issuance = f"{origin.issuance_id} ({origin.way})" if origin.way else origin.issuance_id
    return _hour(line.starts_at), named, issuance, serials


def _cut(count: int, what: str) -> str:
    if count <= MOST_LINES:
        return ""
    words = _("The first %(shown)s of %(count)s %(what)s; the statement's JSON file has them all.")
    return words % {"shown": _wh(MOST_LINES), "count": _wh(count), "what": what}


def _named_origin(plants: Mapping[str, Plant], origin: tuple[str, str]) -> str:
    """A plant by its name, with the storage that gave its energy back."""
    generated, given = (plants[gsrn].name for gsrn in origin)
    if origin[0] == origin[1]:
        return generated
    return _("%(plant)s, stored in %(storage)s") % {"plant": generated, "storage": given}


def _wh(amount: int) -> str:
    return number_format(amount, force_grouping=True)


def _mwh(wh: int) -> str:
    return number_format(statements.mwh(wh))


def _hour(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M}"


def _day(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d}"
