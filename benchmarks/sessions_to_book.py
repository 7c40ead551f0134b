"""Sessions from a file to the book: read, split, matched, proven, retired.

The sample year's sessions are repeated until there are 25,000 and 100,000 of them, each size
for a company of its own whose turbine gives about half of what they take. Runs on PostgreSQL
where DATABASE_URL names one: `python -m tests.postgres python -m benchmarks.sessions_to_book`.
"""

import io
import os
import sys
from datetime import UTC, datetime
from itertools import cycle, islice
from pathlib import Path

from benchmarks.figures import Measure, Row, measured, show
from benchmarks.meter_and_issue import FACTS, years
from benchmarks.registry import empty_registry
from charging.domain.local_time import to_utc
from charging.domain.profiles import PERTH_KINROSS
from charging.domain.session_file import read_rows
from charging.domain.session_rows import Charge, Period, judge

SAMPLE = Path(__file__).parents[1] / "sample_data" / "charging" / "perth_kinross_2018.csv.gz"
NOW = datetime(2026, 1, 1, tzinfo=UTC)
STARTS_AT, ENDS_AT = datetime(2018, 1, 1, tzinfo=UTC), datetime(2019, 1, 1, tzinfo=UTC)
SIZES = (25_000, 100_000)
GOAL = 100_000 // 60  # sessions a second, end to end
SHARE_PPM = 50_000  # of the turbine, for each copy of the sample year
COLUMNS = "session_id,charger,connector,started_at,ended_at,energy_kwh,site"


def main(sizes: list[int]) -> None:
    """Print sessions a second, for each step and for all of them together."""
    charges = sample_charges()
    with empty_registry():
        show(row for scale, size in enumerate(sizes) for row in measure(charges, size, scale))


def sample_charges() -> list[Charge]:
    """The charges of the sample that are accepted."""
    period = Period(int(STARTS_AT.timestamp()), int(ENDS_AT.timestamp()))
    rows = read_rows(SAMPLE.read_bytes(), PERTH_KINROSS)
    outcomes = (judge(row.fields, PERTH_KINROSS, period) for row in rows)
    return [outcome.charge for outcome in outcomes if outcome.charge]


def measure(charges: list[Charge], size: int, number: int) -> list[Row]:
    """One company with as many sessions as asked for."""
    from certificates.domain.device_facts import read_facts
    from certificates.services.holding.agreements import agree
    from certificates.services.issuing.issuance import issue
    from certificates.services.meters.readings import import_readings
    from certificates.services.organisations import register_organisation
    from certificates.services.plants.devices import register_device
    from charging.services.matching.runs import match
    from charging.services.sessions.importing import Upload, import_sessions
    from charging.services.sessions.options import Options

    owner, name = f"owner-{number}", f"company-{number}"
    register_organisation(name=owner, slug=owner, roles=["producer"], now=NOW)
    company = register_organisation(name=name, slug=name, roles=["charging_company"], now=NOW)
    facts = read_facts(FACTS | {"name": f"turbine-{number}", "organisation": owner})
    device = register_device(facts=facts, now=NOW, approve=True)
    share = min(1_000_000, SHARE_PPM * size // len(charges))
    agree(device=device, to=company, share_ppm=share, now=NOW)
    import_readings(device=device, stream=io.BytesIO(years(1)), name="year", selection={}, now=NOW)
    issue(device=device, now=NOW)
    upload = Upload("sessions.csv", session_file(charges, size))
    database = database_s()
    with measured() as importing:
        options = Options("generic", area=FACTS["area"], final=True)
        report = import_sessions(organisation=company, upload=upload, options=options, now=NOW)
    with measured() as matching:
        booked = match(organisation=company, starts_at=STARTS_AT, ends_at=ENDS_AT, now=NOW)
    database = database_s() - database
    with measured() as again:
        repeated = match(organisation=company, starts_at=STARTS_AT, ends_at=ENDS_AT, now=NOW)
    if report.accepted != size or repeated.retirements or not booked.retirements:
        raise SystemExit(f"{report.accepted} of {size} sessions, {repeated.retirements} repeated")
    print(f"{size:,} sessions: {booked.session_hours:,} hours, {booked.retirements:,} retirements")
    print(f"processor time of the database meanwhile: {database:.1f} s (0.0 if it is in-process)")
    both = Measure(importing.cpu_s + matching.cpu_s, importing.wall_s + matching.wall_s)
    return [
        Row("a: read, split and stored", number, size, importing),
        Row("b: matched, proven, retired", number, size, matching),
        Row("c: both, end to end", number, size, both, GOAL),
        Row("d: matched again, nothing new", number, size, again),
    ]


def database_s() -> float:
    """Processor seconds that PostgreSQL's process for this connection has used so far."""
    from django.db import connection

    if connection.vendor != "postgresql":
        return 0.0
    with connection.cursor() as cursor:
        cursor.execute("select pg_backend_pid()")
        fields = Path(f"/proc/{cursor.fetchone()[0]}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def session_file(charges: list[Charge], size: int) -> bytes:
    """The charges over and over under new ids, in the generic profile."""
    lines = [
        f"{n}-{c.uid},{n % 300},{c.connector},{to_utc(c.started):%Y-%m-%dT%H:%MZ},"
        f"{to_utc(c.ended):%Y-%m-%dT%H:%MZ},{c.energy_wh / 1000:.3f},Mill Street"
        for n, c in enumerate(islice(cycle(charges), size))
    ]
    return "\n".join([COLUMNS, *lines, ""]).encode()


if __name__ == "__main__":
    main([int(size) for size in sys.argv[1:]] or list(SIZES))
