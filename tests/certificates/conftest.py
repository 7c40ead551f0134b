"""A registry with a wind farm, a charging company and a way to make meter files."""

import hashlib
import io
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta

import pytest

from certificates.domain.device_facts import DeviceFacts, read_facts
from certificates.models import CertificateImport, Device, ExternalRegistry, Organisation
from certificates.queries.holding.holdings import holdings
from certificates.services import reference
from certificates.services.holding.retirement import RetirementRequest
from certificates.services.imports.imports import Request, hand_in_file
from certificates.services.imports.registries import register_registry
from certificates.services.issuing.issuance import issue
from certificates.services.meters.readings import import_readings
from certificates.services.organisations import register_organisation
from certificates.services.plants.devices import register_device
from certificates.services.storage.devices import register_storage
from certificates.signals import lots_issued
from ledger.chain.memory import MemoryChain
from ledger.models import Batch, OutboxItem
from tests.certificates.domain.external.files import gc_csv, hours

NOW = datetime(2019, 3, 1, tzinfo=UTC)
PROOF = "Cancellation statement 4711 of the other registry"
FACTS = {
    "gsrn": "",
    "name": "Turbine 2",
    "organisation": "farm",
    "technology_code": "T020001",
    "energy_source_code": "F01050100",
    "capacity_w": 2_050_000,
    "area": "10YGB----------A",
    "commissioned_on": "2016-04-01",
    "quality": "calculated",
}


def facts(**changes: object) -> DeviceFacts:
    return read_facts(FACTS | changes)


def meter_csv(*lines: str) -> io.BytesIO:
    return io.BytesIO("\n".join(["interval_start_utc,energy_kwh", *lines, ""]).encode())


@pytest.fixture
def now() -> datetime:
    return NOW


@pytest.fixture
def farm(db, data_dir) -> Organisation:
    reference.load()
    return register_organisation(name="Wind farm", slug="farm", roles=["producer"], now=NOW)


@pytest.fixture
def company(db) -> Organisation:
    return register_organisation(
        name="Charging company", slug="charge", roles=["charging_company"], now=NOW
    )


@pytest.fixture
def device(farm) -> Device:
    return register_device(facts=facts(), now=NOW, approve=True)


@pytest.fixture
def produce(device) -> Callable[..., list]:
    """Import hours of 2018-01-01 (kWh as text) and issue them; returns the lots by time."""

    def make(*kwh: str) -> list:
        lines = [f"2018-01-01T{hour:02}:00:00Z,{value}" for hour, value in enumerate(kwh)]
        import_readings(
            device=device, stream=meter_csv(*lines), name="m.csv", selection={}, now=NOW
        )
        issue(device=device, now=NOW)
        return list(device.lots.order_by("starts_at"))

    return make


@pytest.fixture
def send() -> Callable[..., Batch]:
    """Put entries into a batch as the chain's writer does; numbers by entry id certify them."""

    def make(*entries: int, numbers: dict[int, tuple[int | None, int | None]] | None = None):
        nonce = Batch.objects.count()
        batch = Batch.objects.create(
            nonce=nonce,
            sequence=nonce,
            kind="settle",
            raw_transaction=b"",
            transaction_hash=nonce.to_bytes(32, "big"),
            prepared_at=NOW,
        )
        OutboxItem.objects.filter(entry__in=entries).update(batch=batch, status="submitted")
        for entry, (renewable, emissions) in (numbers or {}).items():
            OutboxItem.objects.filter(entry=entry).update(
                status="certified", renewable_wh=renewable, emissions_wh=emissions
            )
        return batch

    return make


@pytest.fixture
def request_for(device, produce) -> Callable[[str, int], RetirementRequest]:
    """Requests against the owner's first holding of 1,000 Wh."""
    produce("1", "2")
    owner = device.organisation
    row = holdings(owner)[0]

    def make(key: str, amount_wh: int) -> RetirementRequest:
        return RetirementRequest(
            key=key,
            holder=owner.pk,
            account=owner.account_id,
            asset=row.asset_id,
            lot=row.lot_id,
            mask=row.mask,
            amount_wh=amount_wh,
            claimant=owner.pk,
            beneficiary_type="public_charging",
            beneficiary="",
            purpose="EV charging",
            country="GB",
            consumption_starts_at=row.starts_at,
            consumption_ends_at=row.starts_at + timedelta(hours=1),
            reference=key,
            commitment=hashlib.sha256(key.encode()).digest(),
        )

    return make


@pytest.fixture
def other_registry(db) -> ExternalRegistry:
    return register_registry(code="other", name="The other registry", country="DK", now=NOW)


@pytest.fixture
def abroad(farm) -> Device:
    """A plant that the other registry certifies."""
    return register_device(facts=facts(name="Abroad", kind="external"), now=NOW, approve=True)


@pytest.fixture
def hand_in(abroad, other_registry) -> Callable[..., CertificateImport]:
    """Hand a file of three hours, or another, in for the plant abroad."""

    def make(stream=None, *, device=abroad, proof=PROOF, actor="owner@example.org", **choices):
        return hand_in_file(
            request=Request(device, other_registry, "gc.csv", proof, choices),
            stream=stream or gc_csv(*hours(3)),
            now=NOW,
            actor=actor,
        )

    return make


@pytest.fixture
def battery(farm) -> Device:
    from tests.certificates.stored import storage_facts

    return register_storage(facts=storage_facts(), now=NOW, approve=True)


@pytest.fixture
def certify(db) -> Callable[[], MemoryChain]:
    from tests.certificates.stored import certifier

    return certifier()


@pytest.fixture
def told() -> Iterator[dict[int, set[date]]]:
    """The days that listeners were told of, by account."""
    heard: dict[int, set[date]] = {}

    def listen(*, days: dict, **_: object) -> None:
        for account, some in days.items():
            heard.setdefault(account, set()).update(some)

    lots_issued.connect(listen)
    yield heard
    lots_issued.disconnect(listen)
