"""Each meter format read and applied, lines a second and peak memory; and one million lines stored.

Every format runs in a process of its own, so that its peak is its own.
"""

import io
import os
import resource
import subprocess
import sys
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

from benchmarks.figures import Measure, Row, measured, show

FIRST = datetime(2000, 1, 1, tzinfo=UTC)
VALUES = 100_800  # 350 days of five minutes
MILLION = 1_000_000
STORED_GOAL = 33_334  # a million lines in 30 s
STORED = "stored"


def main(names: list[str]) -> None:
    """Print a row for each format, then the million lines stored."""
    for name in names or [*MAKERS, STORED]:
        command = [sys.executable, "-m", "benchmarks.meter_formats", "--one", name]
        subprocess.run(command, check=True)


def one(name: str) -> None:
    """One format in this process."""
    row = stored_million() if name == STORED else read_format(name)
    show([row])
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(f"  peak memory {peak} MB", flush=True)


def read_format(name: str) -> Row:
    """Read a file of VALUES values and make lines of it."""
    from certificates.domain.formats.build import build
    from certificates.domain.formats.file import read_file

    content = MAKERS[name]()
    with measured() as measure:
        read = read_file(io.BytesIO(content), {})
        lines = build(read.series, 0, read.choices).lines
    if len(lines.raw) + lines.merged != VALUES or lines.problems:
        raise SystemExit(f"{name}: {len(lines.raw)} of {VALUES} values were read")
    return Row(f"{name} read", 1, VALUES, measure)


def stored_million() -> Row:
    """A million lines from a file to readings, in one transaction."""
    from benchmarks.meter_and_issue import FACTS, NOW
    from benchmarks.registry import empty_registry

    measure = Measure()
    with empty_registry(), tempfile.TemporaryDirectory() as folder:
        from certificates.domain.device_facts import read_facts
        from certificates.services.meters.readings import import_readings
        from certificates.services.organisations import register_organisation
        from certificates.services.plants.devices import register_device

        register_organisation(name="B", slug="benchmark", roles=["producer"], now=NOW)
        facts = read_facts(FACTS | {"name": "million", "commissioned_on": f"{FIRST:%Y-%m-%d}"})
        device = register_device(facts=facts, now=NOW, approve=True)
        path = Path(folder) / "million.csv"
        path.write_bytes(csv(MILLION))
        with path.open("rb") as stream, measured() as measure:
            report = import_readings(device=device, stream=stream, name="m", selection={}, now=NOW)
    if report["accepted"] != MILLION:
        raise SystemExit(f"{report['accepted']} of {MILLION} lines were accepted")
    return Row("csv lines validated and stored", 1, MILLION, measure, STORED_GOAL)


def csv(count: int = VALUES) -> bytes:
    """Quarter-hours from 2000, which a million of reach into 2028."""
    lines = (f"{_at(n):%Y-%m-%dT%H:%M}Z,{n * 7919 % 500}.{n % 1000:03}\n" for n in range(count))
    return ("interval_start_utc,energy_kwh\n" + "".join(lines)).encode()


def local_csv() -> bytes:
    """A portal's table: semicolons, decimal commas, the day first."""
    lines = (f"{_at(n):%d.%m.%Y %H:%M};{n % 500},{n % 1000:03}\n" for n in range(VALUES))
    return ("Zeitstempel UTC;Einspeisung [kWh]\n" + "".join(lines)).encode()


def xlsx() -> bytes:
    """A sheet with times as Excel keeps them."""
    import xlsxwriter

    packed = io.BytesIO()
    book = xlsxwriter.Workbook(packed, {"constant_memory": True})
    page, style = book.add_worksheet(), book.add_format({"num_format": "yyyy-mm-dd hh:mm"})
    page.write_row(0, 0, ["start_utc", "kwh"])
    for n in range(VALUES):
        page.write_datetime(n + 1, 0, _at(n).replace(tzinfo=None), style)
        page.write_number(n + 1, 1, n % 500 + n % 1000 / 1000)
    book.close()
    return packed.getvalue()


def nem12() -> bytes:
    """Days of five minutes."""
    values = ",".join(f"{n % 7}.{n % 1000:03}" for n in range(288))
    days = [FIRST + timedelta(days=n) for n in range(VALUES // 288)]
    rows = [f"300,{day:%Y%m%d},{values},A,,,," for day in days]
    head = ["100,NEM12,200001010000,A,B", "200,NMI1,B1,B1,B1,,S1,kWh,5,"]
    return "\n".join([*head, *rows, "900", ""]).encode()


def green_button() -> bytes:
    """Hours of one feed."""
    start = int(FIRST.timestamp())
    rows = "\n".join(
        "<IntervalReading><timePeriod><duration>3600</duration>"
        f"<start>{start + 3600 * n}</start></timePeriod><value>{n % 5000}</value></IntervalReading>"
        for n in range(VALUES)
    )
    return (
        '<feed xmlns="http://www.w3.org/2005/Atom"><entry><content><ReadingType>'
        "<flowDirection>19</flowDirection><uom>72</uom></ReadingType></content></entry>"
        f"<entry><content><IntervalBlock>{rows}</IntervalBlock></content></entry></feed>"
    ).encode()


def mscons() -> bytes:
    """Quarter-hours of one point."""
    rows = "".join(
        f"QTY+220:{n % 500},{n % 1000:03}'DTM+163:{_at(n):%Y%m%d%H%M}?+00:303'"
        f"DTM+164:{_at(n + 1):%Y%m%d%H%M}?+00:303'"
        for n in range(VALUES)
    )
    return f"UNA:+,? 'LOC+172+DE1'LIN+1'PIA+5+1-1?:2.29.0:SRW'{rows}UNT+1+1'".encode()


def entsoe() -> bytes:
    """Half-hours of one unit."""
    head = (
        "DateTime (UTC),ResolutionCode,AreaTypeCode,GenerationUnitCode,GenerationUnitName,"
        "ActualGenerationOutput(MW),ActualConsumption(MW)\n"
    )
    rows = (
        f"{FIRST + timedelta(minutes=30 * n):%Y-%m-%d %H:%M}:00.000,PT30M,CTA,U1,Unit,{n % 19}.5,\n"
        for n in range(VALUES)
    )
    return (head + "".join(rows)).encode()


def json_list() -> bytes:
    """Quarter-hours as a machine sends them."""
    rows = ",".join(
        f'{{"starts_at":"{_at(n):%Y-%m-%dT%H:%M}Z","energy_kwh":"{n % 500}.5"}}'
        for n in range(VALUES)
    )
    return f'{{"readings":[{rows}]}}'.encode()


def _at(place: int) -> datetime:
    return FIRST + timedelta(minutes=15 * place)


MAKERS = {
    "csv": csv,
    "csv, local": local_csv,
    "xlsx": xlsx,
    "nem12": nem12,
    "green button": green_button,
    "mscons": mscons,
    "entsoe": entsoe,
    "json": json_list,
}

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    if sys.argv[1:2] == ["--one"]:
        one(sys.argv[2])
    else:
        main(sys.argv[1:])
