"""A month's production statement as a tagged PDF (PDF/UA-1)."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from certificates.domain import eecs
from certificates.queries.generator.production_statement import ProductionStatement, Sums

TEMPLATE = Path(__file__).parents[2] / "documents" / "production.typ"


def production_pdf(statement: ProductionStatement, *, registry: str, now: datetime) -> bytes:
    """For printing; the same statement at the same instant gives the same bytes.

    What people wrote goes in as data beside the template, so that no name is ever markup.
    """
    import typst  # large, and only this needs it

    document: bytes = typst.compile(
        str(TEMPLATE),
        format="pdf",
        sys_inputs={"data": json.dumps(_words(statement, registry, now), ensure_ascii=False)},
        pdf_standards="ua-1",
        ignore_system_fonts=True,
        timestamp=int(now.timestamp()),
    )
    return document


def _words(statement: ProductionStatement, registry: str, now: datetime) -> dict[str, Any]:
    device, totals = statement.device, statement.totals
    technology = eecs.technology_name(device.technology_code)
    source = eecs.source_name(device.energy_source_code)
    return {
        "title": f"Production statement {statement.first:%Y-%m}",
        "headline": f"{device.name} made {totals.generated_wh:,} Wh in {statement.first:%B %Y}",
        "as_of": f"As the registry knows it on {now.astimezone(UTC):%Y-%m-%d %H:%M} UTC",
        "registry": registry,
        "facts": [
            ("Plant number (GSRN)", device.gsrn),
            ("Owner", statement.owner),
            ("Technology", f"{technology} ({device.technology_code})"),
            ("Energy source", f"{source} ({device.energy_source_code})"),
            ("Capacity", f"{device.capacity_w:,} W"),
            ("Grid area", f"{device.area.name} ({device.area.code})"),
            ("Readings", device.get_quality_display()),
            ("Public support", device.support),
        ],
        "sums": [
            ("Metered above zero", f"{totals.generated_wh:,}"),
            ("Certified", f"{totals.issued_wh:,}"),
            ("Without a certificate so far", f"{totals.waiting_wh:,}"),
            ("Kept back for what the plant owed", f"{totals.withheld_wh:,}"),
            ("Of the certified: held by somebody", f"{totals.held_wh:,}"),
            ("Of the certified: used", f"{totals.retired_wh:,}"),
            ("Of the certified: expired", f"{totals.expired_wh:,}"),
            ("Of the certified: withdrawn", f"{totals.withdrawn_wh:,}"),
        ],
        "days": [[f"{day:%Y-%m-%d}", *_row(sums)] for day, sums in statement.days],
        "total": ["Month", *_row(totals)],
    }


def _row(sums: Sums) -> list[str]:
    gone = sums.expired_wh + sums.withdrawn_wh
    amounts = (sums.generated_wh, sums.issued_wh, sums.held_wh, sums.retired_wh, gone)
    return [f"{sums.intervals:,}", *(f"{wh:,}" for wh in amounts)]
