"""A settlement that the clock or the disk stops goes on later, and settles everything once."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from ledger.chain.clock import MAX_AHEAD_SECONDS
from ledger.chain.embedded import EmbeddedChain
from ledger.errors import ChainAhead, StoreFull
from ledger.models import Batch, OutboxItem
from ledger.services.consistency import check_everything
from ledger.services.settlement import sweep
from tests.ledger.chain.chains import NOON, Clock, open_writer
from tests.ledger.chain.test_store_failing import NAME, PAGE, no_file_beyond
from tests.ledger.services.test_settlement import Registry

pytestmark = pytest.mark.django_db


@pytest.fixture
def chain(settings, tmp_path: Path) -> Iterator[EmbeddedChain]:
    settings.CHAIN_DIR, settings.KEYSTORE_DIR = tmp_path, tmp_path / "keys"
    with open_writer(tmp_path) as opened:
        yield opened


class StandingClock:
    """Goes on only while somebody waits: blocks take no time."""

    def __init__(self) -> None:
        self.now, self.waited = NOON, 0.0

    def __call__(self) -> datetime:
        return self.now

    def wait(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)
        self.waited += seconds


@pytest.fixture
def registry() -> Registry:
    """Two lots, one of them partly retired, and nothing of it settled."""
    made = Registry()
    made.issue([1_000, 500])
    made.retire(0, 100, 1)
    return made


def is_settled_once() -> bool:
    certified = OutboxItem.objects.filter(status=OutboxItem.Status.CERTIFIED).count()
    sealed = Batch.objects.filter(status=Batch.Status.SEALED).count()
    return (certified, sealed, check_everything()) == (3, 2, [])


def test_a_clock_that_goes_back_stops_the_writer_and_loses_nothing(registry, chain) -> None:
    sweep(chain=chain, clock=Clock())
    registry.retire(1, 70, 2)
    before = chain.head()
    for _ in range(2):
        with pytest.raises(ChainAhead, match="set the clock right"):
            sweep(chain=chain, clock=lambda: NOON - timedelta(hours=1))
    assert chain.refresh() == before
    assert Batch.objects.filter(status=Batch.Status.PREPARED).count() == 1
    sweep(chain=chain, clock=lambda: NOON + timedelta(minutes=1))
    assert chain.head().number == before.number + 1
    assert set(OutboxItem.objects.values_list("status", flat=True)) == {"certified"}
    assert check_everything() == []


def test_blocks_faster_than_their_seconds_wait_for_the_clock(chain, monkeypatch) -> None:
    registry, clock = Registry(), StandingClock()
    monkeypatch.setattr("ledger.services.settlement.forming.BATCHES_PER_BLOCK", 1)
    monkeypatch.setattr("ledger.services.settlement.parcels.LOTS", 1)
    monkeypatch.setattr("time.sleep", clock.wait)
    registry.issue([100] * 12)
    sweep(chain=chain, clock=clock)
    assert chain.head().number >= 12
    assert set(OutboxItem.objects.values_list("status", flat=True)) == {"certified"}
    assert clock.waited >= 12 - MAX_AHEAD_SECONDS - 1


def test_a_full_disk_stops_the_writer_and_loses_nothing(registry, chain, tmp_path: Path) -> None:
    clock = Clock()
    log = tmp_path / f"{NAME}-wal"

    limit = log.stat().st_size + PAGE
    submit = chain.submit

    def submit_on_a_full_disk(raws, now):
        """The database still has room; the chain's file has none."""
        with no_file_beyond(limit):
            return submit(raws, now)

    chain.submit = submit_on_a_full_disk
    with pytest.raises(StoreFull):
        sweep(chain=chain, clock=clock)
    assert not OutboxItem.objects.filter(status=OutboxItem.Status.CERTIFIED).exists()
    chain.submit = submit
    sweep(chain=chain, clock=clock)
    assert is_settled_once()
