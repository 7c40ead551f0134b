"""Held rows of one cause, decided in one act: foreseen, and done.

The unit is a row of a file whose end is missing, and which a person completes from its stated
duration: an hour of some hundred garages. Runs on PostgreSQL where DATABASE_URL names one.
"""

import sys
from datetime import UTC, datetime, timedelta

from benchmarks.figures import SCALES, Row, measured, show
from benchmarks.meter_and_issue import FACTS
from benchmarks.registry import empty_registry

ROWS = 500
NOW = datetime(2026, 1, 1, tzinfo=UTC)
START = datetime(2018, 1, 8, 6, tzinfo=UTC)
HEADER = (
    "session_ID;Garage_ID;User_ID;User_type;Shared_ID;Start_plugin;End_plugout;El_kWh;"
    "Duration_hours"
)


def main(sizes: list[int]) -> None:
    """Print rows a second."""
    with empty_registry():
        rows = [
            row for scale, size in zip(SCALES, sizes, strict=False) for row in measure(scale, size)
        ]
        show(sorted(rows, key=lambda row: row.step))


def measure(scale: int, size: int) -> list[Row]:
    """One company with a file of held rows."""
    from certificates.services.organisations import register_organisation
    from charging.models import Session, SessionFile
    from charging.queries.company.held_causes import held_causes
    from charging.services.sessions.hold_batches import Act, decide_all, foresee
    from charging.services.sessions.importing import Upload, import_sessions
    from charging.services.sessions.options import Options

    name = f"company-{scale}"
    company = register_organisation(name=name, slug=name, roles=["charging_company"], now=NOW)
    upload = Upload("held.csv", _file(size))
    options = Options("trondheim", area=str(FACTS["area"]), final=True)
    import_sessions(organisation=company, upload=upload, options=options, now=NOW)
    file = SessionFile.objects.get(organisation=company)
    (found,) = held_causes(file)
    act = Act(found.cause.key, 0, rows=size)
    with measured() as foreseeing:
        seen = foresee(file=file, act=act, actor="benchmark", now=NOW)
    with measured() as deciding:
        done = decide_all(file=file, act=act, actor="benchmark", now=NOW)
    if seen != done or Session.objects.filter(operator=company).count() != size:
        raise SystemExit(f"{done} for {size} rows, foreseen as {seen}")
    return [
        Row("a: held rows foreseen", scale, size, foreseeing),
        Row("b: held rows decided", scale, size, deciding),
    ]


def _file(rows: int) -> bytes:
    """Charges of one hour, at a hundred garages at a time."""
    lines = [
        f"{n};G{n % 100};G{n % 100}-1;Private;NA;"
        f"{START + timedelta(hours=2 * (n // 100)):%d.%m.%Y %H:%M};NA;10,5;1"
        for n in range(rows)
    ]
    return "\n".join([HEADER, *lines, ""]).encode()


if __name__ == "__main__":
    main([int(size) for size in sys.argv[1:]] or [ROWS * scale for scale in SCALES])
