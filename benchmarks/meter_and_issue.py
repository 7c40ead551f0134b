"""How fast meter lines are validated and stored, and lots issued, at 1, 4 and 16 times a year.

    python -m benchmarks.meter_and_issue

The unit is one turbine's year of hours (8,760 lines); 4 and 16 times are as many years of
the same turbine in one file. Runs on the database that DATABASE_URL names, in a data
directory of its own that is removed afterwards.
"""

import gzip
import io
import os
import platform
import shutil
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).parent.parent
SAMPLE = ROOT / "sample_data/generation/kelmarsh_2018_hourly_by_turbine.csv.gz"
NOW = datetime(2040, 1, 1, tzinfo=UTC)
SCALES = (1, 4, 16)
FACTS = {
    "technology_code": "T020001",
    "energy_source_code": "F01050100",
    "organisation": "benchmark",
    "capacity_w": 2_050_000,
    "area": "10YGB----------A",
    "commissioned_on": "2016-04-01",
}


def years(count: int) -> bytes:
    """A file of `count` years of turbine 2, all with the hours of 2018."""
    with gzip.open(SAMPLE, "rt") as stream:
        lines = [line for line in stream if ",Kelmarsh 2," in line]
    body = "".join(line.replace("2018", str(2018 + n), 1) for n in range(count) for line in lines)
    return f"interval_start_utc,turbine,energy_kwh,observed\n{body}".encode()


def measure(scale: int) -> None:
    """Register a device, import and issue; print both rates."""
    from certificates.domain.device_facts import read_facts
    from certificates.services.agreements import agree
    from certificates.services.devices import register_device
    from certificates.services.issuance import issue
    from certificates.services.organisations import register_organisation
    from certificates.services.readings import import_readings

    company = register_organisation(
        name="Company", slug="company", roles=["charging_company"], now=NOW
    )
    device = register_device(facts=read_facts(FACTS | {"name": f"x{scale}"}), now=NOW, approve=True)
    agree(device=device, to=company, share_ppm=46_300, now=NOW)
    stream = io.BytesIO(years(scale))
    began = time.perf_counter()
    report = import_readings(device=device, stream=stream, name="years", selection={}, now=NOW)
    imported = time.perf_counter()
    lots = issue(device=device, now=NOW).lots
    issued = time.perf_counter()
    print(
        f"x{scale:<3} {report['rows']:>7,} lines {report['rows'] / (imported - began):>9,.0f}/s"
        f"   {lots:>7,} lots {lots / (issued - imported):>8,.0f}/s",
        flush=True,
    )


def main() -> None:
    folder = tempfile.mkdtemp(prefix="registry-benchmark-")
    os.environ["DATA_DIR"] = folder
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    try:
        import django

        django.setup()
        from django.core.management import call_command
        from django.db import connection

        call_command("migrate", verbosity=0)
        from certificates.services import reference
        from certificates.services.organisations import register_organisation

        reference.load()
        register_organisation(name="Benchmark", slug="benchmark", roles=["producer"], now=NOW)
        machine = (
            f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}"
        )
        print(f"{connection.vendor}; {machine}")
        for scale in SCALES:
            measure(scale)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
