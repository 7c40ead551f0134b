"""Each meter format read and applied, lines a second and peak memory; and lines stored.

    python -m benchmarks.meter_formats [NAME ...] [VALUES]

VALUES are those of the largest file (200,000 unless given), four and sixteen times those of the
others. Every file is read in a process of its own, so that the peak is its own. At last a million
lines are stored.
"""

import io
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path

from benchmarks.figures import SCALES, Measure, Row, measured, peak_mb, show
from benchmarks.registry import empty_registry

FIRST = datetime(2000, 1, 1, tzinfo=UTC)
DAY = 288  # values of NEM12 in a day: of whole days all formats can be made
VALUES = 200_000
MILLION = 1_000_000
STORED_GOAL = 33_334  # a million lines in 30 s
STORED = "stored"


def main(names: list[str], values: int) -> None:
    """Print a row for each format and size, then for lines stored."""
    show(row for name in names or [*MAKERS, STORED] for row in rows(name, values))


def rows(name: str, values: int) -> Iterator[Row]:
    """The sizes of a format, each in a process of its own; nothing of what no file may have."""
    if name == STORED:
        yield from stored()
        return
    for scale in SCALES:
        count = values * scale // SCALES[-1] // DAY * DAY
        command = [sys.executable, "-m", "benchmarks.meter_formats", "--one", name, str(count)]
        answer = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        found = json.loads(answer)
        if "refused" in found:
            print(f"{name}, {count:,} values: {found['refused']}", flush=True)
            return
        yield Row(f"{name} read", scale, count, Measure(**found["measure"]), peak_mb=found["peak"])


def one(name: str, count: int) -> None:
    """One file in this process; what was measured as JSON."""
    from certificates.errors import UploadTooLarge

    try:
        found = {"measure": asdict(read_format(name, count)), "peak": peak_mb()}
    except UploadTooLarge as error:
        found = {"refused": str(error)}
    print(json.dumps(found))


def read_format(name: str, count: int) -> Measure:
    """Read a file of so many values and make lines of it. Raises: UploadTooLarge."""
    from certificates.domain.formats.build import build
    from certificates.domain.formats.file import read_file

    with tempfile.TemporaryFile() as stream:
        stream.write(MAKERS[name](count))
        with measured() as measure:
            read = read_file(stream, {})
            lines = build(read.series, 0, read.choices).lines
    if len(lines.raw) + lines.merged != count or lines.problems:
        raise SystemExit(f"{name}: {len(lines.raw)} of {count} values were read")
    return measure


def stored() -> Iterator[Row]:
    """Up to a million lines from a file to readings, in one transaction."""
    from benchmarks.meter_and_issue import FACTS, NOW

    with empty_registry(), tempfile.TemporaryDirectory() as folder:
        from certificates.domain.device_facts import read_facts
        from certificates.services.meters.readings import import_readings
        from certificates.services.organisations import register_organisation
        from certificates.services.plants.devices import register_device

        register_organisation(name="B", slug="benchmark", roles=["producer"], now=NOW)
        for scale in SCALES:
            count = MILLION * scale // SCALES[-1]
            facts = FACTS | {"name": f"x{scale}", "commissioned_on": f"{FIRST:%Y-%m-%d}"}
            device = register_device(facts=read_facts(facts), now=NOW, approve=True)
            path = Path(folder) / "lines.csv"
            path.write_bytes(csv(count))
            with path.open("rb") as stream, measured() as measure:
                report = import_readings(
                    device=device, stream=stream, name="m", selection={}, now=NOW
                )
            if report["accepted"] != count:
                raise SystemExit(f"{report['accepted']} of {count} lines were accepted")
            name = "csv lines validated and stored"
            yield Row(name, scale, count, measure, STORED_GOAL, peak_mb=peak_mb())


def csv(count: int) -> bytes:
    """Quarter-hours from 2000, which a million of reach into 2028."""
    lines = (f"{_at(n):%Y-%m-%dT%H:%M}Z,{n * 7919 % 500}.{n % 1000:03}\n" for n in range(count))
    return ("interval_start_utc,energy_kwh\n" + "".join(lines)).encode()


def local_csv(count: int) -> bytes:
    """A portal's table: semicolons, decimal commas, the day first."""
    lines = (f"{_at(n):%d.%m.%Y %H:%M};{n % 500},{n % 1000:03}\n" for n in range(count))
    return ("Zeitstempel UTC;Einspeisung [kWh]\n" + "".join(lines)).encode()


def xlsx(count: int) -> bytes:
    """A sheet with times as Excel keeps them."""
    import xlsxwriter

    packed = io.BytesIO()
    book = xlsxwriter.Workbook(packed, {"constant_memory": True})
    page, style = book.add_worksheet(), book.add_format({"num_format": "yyyy-mm-dd hh:mm"})
    page.write_row(0, 0, ["start_utc", "kwh"])
    for n in range(count):
        page.write_datetime(n + 1, 0, _at(n).replace(tzinfo=None), style)
        page.write_number(n + 1, 1, n % 500 + n % 1000 / 1000)
    book.close()
    return packed.getvalue()


def nem12(count: int) -> bytes:
    """Days of five minutes."""
    values = ",".join(f"{n % 7}.{n % 1000:03}" for n in range(DAY))
    days = [FIRST + timedelta(days=n) for n in range(count // DAY)]
    rows = [f"300,{day:%Y%m%d},{values},A,,,," for day in days]
    head = ["100,NEM12,200001010000,A,B", "200,NMI1,B1,B1,B1,,S1,kWh,5,"]
    return "\n".join([*head, *rows, "900", ""]).encode()


def green_button(count: int) -> bytes:
    """Hours of one feed."""
    start = int(FIRST.timestamp())
    rows = "\n".join(
        "<IntervalReading><timePeriod><duration>3600</duration>"
        f"<start>{start + 3600 * n}</start></timePeriod><value>{n % 5000}</value></IntervalReading>"
        for n in range(count)
    )
    return (
        '<feed xmlns="http://www.w3.org/2005/Atom"><entry><content><ReadingType>'
        "<flowDirection>19</flowDirection><uom>72</uom></ReadingType></content></entry>"
        f"<entry><content><IntervalBlock>{rows}</IntervalBlock></content></entry></feed>"
    ).encode()


def mscons(count: int) -> bytes:
    """Quarter-hours of one point."""
    rows = "".join(
        f"QTY+220:{n % 500},{n % 1000:03}'DTM+163:{_at(n):%Y%m%d%H%M}?+00:303'"
        f"DTM+164:{_at(n + 1):%Y%m%d%H%M}?+00:303'"
        for n in range(count)
    )
    return f"UNA:+,? 'LOC+172+DE1'LIN+1'PIA+5+1-1?:2.29.0:SRW'{rows}UNT+1+1'".encode()


def entsoe(count: int) -> bytes:
    """Half-hours of one unit."""
    head = (
        "DateTime (UTC),ResolutionCode,AreaTypeCode,GenerationUnitCode,GenerationUnitName,"
        "ActualGenerationOutput(MW),ActualConsumption(MW)\n"
    )
    rows = (
        f"{FIRST + timedelta(minutes=30 * n):%Y-%m-%d %H:%M}:00.000,PT30M,CTA,U1,Unit,{n % 19}.5,\n"
        for n in range(count)
    )
    return (head + "".join(rows)).encode()


def json_list(count: int) -> bytes:
    """Quarter-hours as a machine sends them."""
    rows = ",".join(
        f'{{"starts_at":"{_at(n):%Y-%m-%dT%H:%M}Z","energy_kwh":"{n % 500}.5"}}'
        for n in range(count)
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
        one(sys.argv[2], int(sys.argv[3]))
    else:
        numbers = [int(word) for word in sys.argv[1:] if word.isdigit()]
        main([word for word in sys.argv[1:] if not word.isdigit()], *(numbers or [VALUES]))
