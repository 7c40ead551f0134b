"""A battery beside the wind farm, and short ways to record, charge and settle it."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from certificates.domain.storage.facts import StorageFacts, read_storage_facts
from certificates.domain.storage.flows import read_lines
from certificates.models import Device, LossInterval
from certificates.services.storage.charging import ChargeReport, charge_with_held
from certificates.services.storage.closing import close_interval
from certificates.services.storage.records import RecordReport, record
from ledger.chain.memory import MemoryChain
from ledger.services.settlement import sweep
from tests.certificates.conftest import NOW

START = datetime(2018, 1, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)
STORAGE = {
    "name": "Battery",
    "organisation": "farm",
    "capacity_w": 1_000_000,
    "capacity_wh": 2_000_000,
    "method": "fifo",
    "loss_months": 1,
    "area": "10YGB----------A",
    "commissioned_on": "2018-01-01",
}


def storage_facts(**changes: object) -> StorageFacts:
    return read_storage_facts(STORAGE | changes)


def hour(n: int) -> datetime:
    return START + n * HOUR


def line(n: int, wh: int, **more: object) -> dict[str, Any]:
    """Hour n of 2018: below zero a charge, above zero a discharge."""
    begin, end = hour(n), hour(n + 1)
    times = {"flow_start_datetime": begin.isoformat(), "flow_end_datetime": end.isoformat()}
    return times | {"flow_energy": wh} | more


def take(battery: Device, *lines: dict[str, Any], replace: bool = False) -> RecordReport:
    flows = read_lines(list(lines))
    return record(device=battery, flows=flows, replace=replace, now=NOW, actor="test")


def charge(battery: Device, until: datetime = NOW) -> ChargeReport:
    return charge_with_held(device=battery, starts_at=START, ends_at=until, now=NOW, actor="test")


def settle_losses(battery: Device, stored_wh: int = 0, starts_at: datetime = START) -> LossInterval:
    return close_interval(
        device=battery, starts_at=starts_at, stored_wh=stored_wh, now=NOW, actor="test"
    )


def certifier() -> Callable[[], MemoryChain]:
    """Seals whatever is on its way, each time it is called."""
    chain = MemoryChain(chain_id=202611, registry_id=1)
    ticks = count()

    def certify() -> MemoryChain:
        sweep(chain=chain, clock=lambda: NOW + timedelta(seconds=next(ticks)))
        return chain

    return certify
