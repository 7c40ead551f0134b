"""A file of many plants' lines on its way through the pages: read, parted, confirmed, stored.

Each step is what one click or task does, and counts every line of the file. A million lines of
fifty plants when run by itself; the peak is this process's, which does all of it in turn.
"""

import io
import sys
from collections.abc import Iterator
from datetime import timedelta

from benchmarks.figures import SCALES, Row, measured, peak_mb, show
from benchmarks.meter_and_issue import FACTS, NOW
from benchmarks.meter_formats import FIRST, MILLION, STORED_GOAL
from benchmarks.registry import empty_registry

PLANTS = 50


def content(lines: int) -> bytes:
    """Quarter-hours of fifty plants as a portal writes them, one instant after the other."""
    hours = range(lines // PLANTS)
    times = (f"{FIRST + timedelta(minutes=15 * n):%Y-%m-%dT%H:%M}Z" for n in hours)
    rows = (
        f"{time},P{plant},{(n + plant) * 7919 % 500}.{n % 1000:03}\n"
        for n, time in enumerate(times)
        for plant in range(PLANTS)
    )
    return ("interval_start_utc,plant,energy_kwh\n" + "".join(rows)).encode()


def measure(scale: int, lines: int) -> Iterator[Row]:
    """Upload, say which plant is which, confirm, import."""
    from certificates.domain.device_facts import read_facts
    from certificates.models import MeterFile, User
    from certificates.services.meters import confirmation, readings
    from certificates.services.organisations import register_organisation
    from certificates.services.plants.devices import register_device

    register_organisation(name="B", slug="benchmark", roles=["producer"], now=NOW)
    user = User.objects.create(email=f"x{scale}@example.org")
    facts = FACTS | {"commissioned_on": f"{FIRST:%Y-%m-%d}"}
    plants = [
        register_device(facts=read_facts(facts | {"name": f"x{scale} P{n}"}), now=NOW, approve=True)
        for n in range(PLANTS)
    ]
    stream = io.BytesIO(content(lines))
    with measured() as uploading:
        file = readings.upload(device=plants[0], stream=stream, name="a", selection={}, now=NOW)
    yield Row("uploaded, plants found", scale, lines, uploading)
    places = {one["name"]: at for at, one in enumerate(file.report["registers"])}
    chosen = {places[f"P{n}"]: plant for n, plant in enumerate(plants)}
    with measured() as assigning:
        files = confirmation.assign(file=file, devices=chosen, now=NOW)
    yield Row("previewed by plant", scale, lines, assigning)
    with measured() as confirming:
        confirmation.confirm_all(files=files, user=user, now=NOW)
    yield Row("confirmed", scale, lines, confirming)
    rows = list(MeterFile.objects.filter(pk__in=[one.pk for one in files]))
    with measured() as importing:
        reports = readings.import_files(files=rows, now=NOW)
    yield Row("stored by the worker", scale, lines, importing, STORED_GOAL, peak_mb=peak_mb())
    if (stored := sum(report["accepted"] for report in reports)) != lines:
        raise SystemExit(f"{stored} of {lines} lines were accepted")


def main(most: int) -> None:
    """Print the rates for a sixteenth, a quarter and all of the lines."""
    with empty_registry():
        sizes = ((scale, most * scale // 16 // PLANTS * PLANTS) for scale in SCALES)
        show(row for scale, lines in sizes for row in measure(scale, lines))


if __name__ == "__main__":
    main(int(sys.argv[1]) if sys.argv[1:] else MILLION)
