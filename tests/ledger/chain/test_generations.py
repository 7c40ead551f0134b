"""A bounded cache that keeps what is asked for again."""

from hypothesis import given
from hypothesis import strategies as st

from ledger.chain.generations import Generations

STEPS = st.lists(
    st.tuples(st.sampled_from(["put", "get"]), st.binary(min_size=1, max_size=1)), max_size=80
)


@given(room=st.integers(1, 8), steps=STEPS)
def test_it_answers_what_was_put_or_nothing_and_stays_within_its_room(room, steps) -> None:
    cache, model = Generations[bytes](room), dict[bytes, bytes]()
    for number, (act, key) in enumerate(steps):
        if act == "put":
            cache[key] = model[key] = b"%d" % number
        assert cache.get(key) in (None, model.get(key))
        assert act == "get" or cache.get(key) == model[key]
        assert len(cache) <= 2 * room


@given(others=st.integers(0, 200))
def test_what_every_round_asks_for_is_never_dropped(others: int) -> None:
    cache = Generations[bytes](10)
    cache[b"root"] = b"node"
    for number in range(others):
        cache[b"%d" % number] = b"leaf"
        assert cache.get(b"root") == b"node"


def test_a_cleared_cache_holds_nothing() -> None:
    cache = Generations[bytes](2)
    for number in range(5):
        cache[bytes([number])] = b"v"
    cache.clear()
    assert len(cache) == 0
    assert cache.get(bytes([4])) is None
