"""Small meter files of every format, made here, with the traps of real ones."""

import io
import json
from datetime import datetime, timedelta
from pathlib import Path

import xlsxwriter

from certificates.domain.formats.build import Built, build
from certificates.domain.formats.choices import Choices
from certificates.domain.formats.file import FileRead, read_file
from certificates.domain.formats.infer import NO_HINTS, Hints

SAMPLES = Path(__file__).parents[3] / "fixtures/meter_formats"


def sample(name: str) -> bytes:
    return (SAMPLES / name).read_bytes()


def reading(content: bytes | str, selection=None, hints: Hints = NO_HINTS) -> FileRead:
    raw = content.encode() if isinstance(content, str) else content
    return read_file(io.BytesIO(raw), selection or {}, hints)


def built(content: bytes | str, selection=None, hints: Hints = NO_HINTS) -> Built:
    read = reading(content, selection, hints)
    return build(read.series, read.key, read.choices, hints)


def basis(read: FileRead, name: str) -> tuple[str, str]:
    choice = Choices(read.choices.made).made[name]
    return choice.value, choice.basis


def total_wh(one: Built) -> tuple[int, int]:
    """Whole Wh and millionths, of all lines together."""
    lines = one.lines
    return divmod(sum(lines.wh) * 10**6 + sum(lines.remainder), 10**6)


def is_complete(one: Built) -> bool:
    lines = one.lines
    counted = len(lines.raw) + len(lines.problems) + lines.filtered + lines.unobserved
    return lines.rows == counted


def table(header: str, *rows: str, mark: str = ",") -> str:
    return "\n".join([header, *rows, ""]).replace(",", mark)


def local_days(first: datetime, hours: int, step: int, zone) -> list[datetime]:
    """Wall-clock labels of consecutive intervals, as a meter in that zone writes them."""
    start = first.replace(tzinfo=zone)
    count = hours * 60 // step
    instants = (start.timestamp() + 60 * step * n for n in range(count))
    return [datetime.fromtimestamp(at, zone).replace(tzinfo=None) for at in instants]


def workbook(rows: list[list], names=("start_utc", "kwh"), sheet="Data", skip: int = 0) -> bytes:
    packed = io.BytesIO()
    book = xlsxwriter.Workbook(packed, {"in_memory": True})
    page = book.add_worksheet(sheet)
    style = book.add_format({"num_format": "yyyy-mm-dd hh:mm"})
    page.write_row(skip, 0, names)
    for number, row in enumerate(rows, start=skip + 1):
        for column, cell in enumerate(row):
            if isinstance(cell, datetime):
                page.write_datetime(number, column, cell, style)
            else:
                page.write(number, column, cell)
    book.close()
    return packed.getvalue()


def hours_of(first: datetime, *values) -> list[list]:
    return [[first + timedelta(hours=n), value] for n, value in enumerate(values)]


def mscons(*values: str, obis="1-1?:2.29.0", una="UNA:+,? '", qualifier="220", zone="?+01") -> str:
    """Quarter-hours from 2022-03-01T00:00+01."""
    parts = ["UNB+UNOC:3+4012345000023:500+4012345000016:500+220401:0100+1", "UNH+1+MSCONS:D:04B"]
    parts += ["BGM+7+1+9", "NAD+DP", "LOC+172+DE00012345000000000000000000001234"]
    parts += ["LIN+1", f"PIA+5+{obis}:SRW"]
    at = datetime.fromisoformat("2022-03-01T00:00")
    for value in values:
        end = at + timedelta(minutes=15)
        parts.append(f"QTY+{qualifier}:{value}")
        parts.append(f"DTM+163:{at:%Y%m%d%H%M}{zone}:303")
        parts.append(f"DTM+164:{end:%Y%m%d%H%M}{zone}:303")
        at = end
    parts += [f"UNT+{len(parts)}+1", "UNZ+1+1"]
    return una + "'".join([*parts, ""])


ENTSOE = (
    "DateTime (UTC),ResolutionCode,AreaCode,AreaDisplayName,AreaTypeCode,MapCode,"
    "GenerationUnitCode,GenerationUnitName,GenerationUnitType,ActualGenerationOutput(MW),"
    "ActualConsumption(MW),GenerationUnitInstalledCapacity(MW),UpdateTime(UTC)"
)


def entsoe(*rows: tuple[str, str, str, str, str, str]) -> str:
    """Rows are time, resolution, kind of area, unit, output, consumption."""
    lines = [
        f"{at},{step},10Y,Here,{area},XX,{unit},Name of {unit},Wind Onshore,{out},{used},19,"
        for at, step, area, unit, out, used in rows
    ]
    return "\n".join([ENTSOE, *lines, ""])


def nem12(*days: str, suffix="B1", unit="kWh", length=30) -> str:
    """Days are whole records below one 200."""
    head = ["100,NEM12,202304120954,A,B", f"200,NMI1,B1E1,{suffix},{suffix},,S1,{unit},{length},"]
    return "\n".join([*head, *days, "900", ""])


def nem_day(day: str, values: list[str], quality="A") -> str:
    return ",".join(["300", day, *values, quality, "", "", "", ""])


def espi(*values: int, flow=19, uom=72, power=0, duration=3600, quality="") -> str:
    """Hours from 2018-01-01T00:00Z in one feed."""
    link = '<link rel="{}" href="https://u.example/RetailCustomer/1/{}"/>'
    reading, kind = "UsagePoint/1/MeterReading/1", "ReadingType/1"
    rows = "".join(
        f"<IntervalReading><timePeriod><duration>{duration}</duration>"
        f"<start>{1514764800 + n * duration}</start></timePeriod><value>{value}</value>"
        f"{quality}</IntervalReading>"
        for n, value in enumerate(values)
    )
    return (
        '<?xml version="1.0"?>\n<feed xmlns="http://www.w3.org/2005/Atom">\n'
        f"<entry>{link.format('self', reading)}{link.format('related', kind)}"
        '<content><MeterReading xmlns="http://naesb.org/espi"/></content></entry>\n'
        f"<entry>{link.format('self', kind)}<content><ReadingType xmlns='http://naesb.org/espi'>"
        f"<flowDirection>{flow}</flowDirection><powerOfTenMultiplier>{power}</powerOfTenMultiplier>"
        f"<uom>{uom}</uom></ReadingType></content></entry>\n"
        f"<entry>{link.format('up', reading + '/IntervalBlock')}<content>"
        f"<IntervalBlock xmlns='http://naesb.org/espi'>{rows}</IntervalBlock></content></entry>\n"
        "</feed>\n"
    )


def json_of(*items: dict) -> str:
    return json.dumps({"readings": list(items)})


GOOD: dict[str, bytes] = {
    "csv": table("start_utc,kwh", "2018-01-01T00:00,1.5", "2018-01-01T01:00,2").encode(),
    "xlsx": workbook(hours_of(datetime.fromisoformat("2018-01-01T00:00"), 1.5, 2)),
    "nem": nem12(nem_day("20180101", ["1.5"] * 48)).encode(),
    "espi": espi(1500, 2000).encode(),
    "mscons": mscons("1,5", "2").encode(),
    "entsoe": entsoe(
        ("2018-01-01 00:00:00.000", "PT60M", "CTA", "U1", "0.0015", ""),
        ("2018-01-01 01:00:00.000", "PT60M", "CTA", "U1", "0.002", ""),
    ).encode(),
    "json": json_of(
        {"starts_at": "2018-01-01T00:00Z", "energy_wh": 1500},
        {"starts_at": "2018-01-01T01:00Z", "energy_kwh": "2"},
    ).encode(),
}


def stream_of(content: bytes) -> io.BytesIO:
    return io.BytesIO(content)
