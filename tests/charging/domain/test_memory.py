"""What was looked up a moment ago is known for a while, and not longer."""

from datetime import UTC, datetime, timedelta

import pytest

from charging.domain.memory import Memory

NOW = datetime(2026, 1, 1, tzinfo=UTC)
LASTS = timedelta(seconds=10)


@pytest.mark.parametrize(
    ("later", "found"), [(-0.001, None), (0, "value"), (9.999, "value"), (10, None)]
)
def test_a_value_is_known_from_when_it_was_kept_until_it_is_old(later, found):
    memory: Memory[str] = Memory(LASTS)
    memory.keep("key", "value", NOW)
    assert memory.recall("key", NOW + timedelta(seconds=later)) == found
    assert memory.recall("another", NOW) is None


def test_one_can_be_dropped_and_all_forgotten():
    memory: Memory[int] = Memory(LASTS)
    for n in range(3):
        memory.keep(n, n, NOW)
    memory.drop(1)
    memory.drop("nobody")
    assert [memory.recall(n, NOW) for n in range(3)] == [0, None, 2]
    memory.forget()
    assert memory.recall(0, NOW) is None


def test_it_never_holds_more_than_it_may():
    memory: Memory[int] = Memory(LASTS, most=5)
    for n in range(23):
        memory.keep(n, n, NOW)
        assert memory.recall(n, NOW) == n
        assert sum(memory.recall(old, NOW) is not None for old in range(23)) <= 5
