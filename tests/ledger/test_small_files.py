import stat
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from config.environment import _demo_secret
from ledger.chain.keys import OPERATOR
from ledger.small_files import write_once
from tests.ledger.chain.chains import key_ring

AT_ONCE = 8


def at_once(work):
    """What so many threads get that begin together."""
    gate = threading.Barrier(AT_ONCE)

    def go(number):
        gate.wait()
        return work(number)

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(go, range(AT_ONCE)))


def test_of_many_at_once_one_writes_and_nothing_else_is_left(tmp_path: Path) -> None:
    for n in range(20):
        path = tmp_path / f"{n}" / "secret"
        wrote = at_once(lambda number, path=path: write_once(path, str(number)))
        assert wrote.count(True) == 1
        assert path.read_text() == str(wrote.index(True))
        assert [each.name for each in path.parent.iterdir()] == ["secret"]
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_threads_that_start_together_read_one_secret(tmp_path: Path) -> None:
    for n in range(20):
        assert len(set(at_once(lambda _, n=n: _demo_secret(tmp_path / f"{n}")))) == 1


def test_who_draws_a_key_at_once_signs_with_the_same(tmp_path: Path) -> None:
    rings = [key_ring(tmp_path) for _ in range(AT_ONCE)]
    keys = at_once(lambda number: rings[number].unlock(OPERATOR))
    assert set(keys) == {key_ring(tmp_path).unlock(OPERATOR)}
