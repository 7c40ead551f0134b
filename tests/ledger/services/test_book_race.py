"""Several writers at once: the database lets exactly as much through as there is."""

import threading
from datetime import UTC, datetime

import pytest
from django.db import connection

from ledger.errors import Overdrawn
from ledger.models import Balance, Entry
from ledger.services.accounts import create_certificate_assets, open_account, system_account
from ledger.services.book import Move, post_entry

NOW = datetime(2018, 2, 1, tzinfo=UTC)
THREADS = 8


def race(act) -> list:
    """Run `act(n)` in all threads at the same instant; the results or the errors."""
    results: list = [None] * THREADS
    start = threading.Barrier(THREADS)

    def run(n: int) -> None:
        start.wait()
        try:
            results[n] = act(n)
        except Exception as error:
            results[n] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[n]) for n in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


@pytest.fixture
def stage(transactional_db):
    """A holder with 1,000 Wh of one asset, and where retired Wh go."""
    holder, retired = open_account(name="Holder"), system_account("retired")
    asset = create_certificate_assets([f"{3:040x}"])[0]
    move = Move(system_account("issued").pk, holder.pk, asset, 1_000)
    post_entry(key="issue", moves=[move], now=NOW, kind=Entry.Kind.ISSUE)
    return holder, retired, asset


def test_of_eight_threads_retiring_600_of_1000_wh_one_comes_through(stage):
    holder, retired, asset = stage
    results = race(
        lambda n: post_entry(
            key=f"retire:{n}", moves=[Move(holder.pk, retired.pk, asset, 600)], now=NOW
        )
    )
    assert sum(isinstance(result, int) for result in results) == 1
    assert sum(isinstance(result, Overdrawn) for result in results) == THREADS - 1
    assert Balance.objects.get(account=holder, asset=asset).amount == 400
    assert Balance.objects.get(account=retired, asset=asset).amount == 600


def test_eight_threads_with_one_key_post_one_entry(stage):
    holder, retired, asset = stage
    results = race(
        lambda n: post_entry(key="retire", moves=[Move(holder.pk, retired.pk, asset, 600)], now=NOW)
    )
    assert len(set(results)) == 1
    assert isinstance(results[0], int)
    assert Balance.objects.get(account=retired, asset=asset).amount == 600


def test_moves_in_opposite_directions_do_not_block_each_other(stage):
    holder, _, asset = stage
    other = open_account(name="Other")
    post_entry(key="half", moves=[Move(holder.pk, other.pk, asset, 500)], now=NOW)

    def back_and_forth(n: int) -> int:
        source, destination = (holder, other) if n % 2 else (other, holder)
        moves = [Move(source.pk, destination.pk, asset, 10)]
        return [post_entry(key=f"{n}:{k}", moves=moves, now=NOW) for k in range(5)][-1]

    assert all(isinstance(result, int) for result in race(back_and_forth))
    amounts = [Balance.objects.get(account=a, asset=asset).amount for a in (holder, other)]
    assert amounts == [500, 500]
