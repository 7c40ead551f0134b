"""A made plant whose hours are in the book, and charges that use them."""

from datetime import date, datetime, timedelta
from io import BytesIO

from certificates.domain import gsrn
from certificates.domain.device_facts import DeviceFacts
from certificates.models import Device, Organisation
from certificates.services import reference
from certificates.services.holding.agreements import agree
from certificates.services.issuing.issuance import issue
from certificates.services.meters.readings import import_readings
from certificates.services.plants.devices import register_device
from charging.services.sessions.importing import Upload, import_sessions
from charging.services.sessions.options import Options

GENERIC_HEADER = "session_id,charger,connector,started_at,ended_at,energy_kwh,site"


def register_plant(owner: Organisation, now: datetime, number: int = 7) -> Device:
    reference.load()
    facts = DeviceFacts(
        gsrn=gsrn.make(gsrn.SYNTHETIC_PREFIX, number),
        name=f"Plant {number}",
        organisation=owner.slug,
        technology_code="T020001",
        energy_source_code="F01050100",
        capacity_w=10_000_000,
        area="10YGB----------A",
        commissioned_on=date(2016, 4, 1),
    )
    return register_device(facts=facts, now=now, approve=True)


def share_all(device: Device, company: Organisation, now: datetime, ppm: int = 1_000_000) -> None:
    agree(device=device, to=company, share_ppm=ppm, now=now)


def generate(device: Device, start: datetime, kwh: list[str], now: datetime) -> None:
    """Readings for consecutive hours, issued at once; one hour of nothing ends the file."""
    rows = [
        f"{start + timedelta(hours=n):%Y-%m-%dT%H:%M:%SZ},{value},1"
        for n, value in enumerate([*kwh, "0"])
    ]
    text = "\n".join(["interval_start_utc,energy_kwh,observed", *rows, ""])
    import_readings(
        device=device, stream=BytesIO(text.encode()), name="made.csv", selection={}, now=now
    )
    issue(device=device, now=now)


def charge(company: Organisation, rows: list[str], now: datetime, *, final: bool = True) -> None:
    """Sessions from rows of the generic profile, without the charger's columns."""
    text = "\n".join([GENERIC_HEADER, *rows, ""])
    import_sessions(
        organisation=company,
        upload=Upload("made.csv", text.encode()),
        options=Options("generic", area="10YGB----------A", final=final),
        now=now,
    )
