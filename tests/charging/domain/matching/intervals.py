"""Random intervals with every rule in play, small enough to be dense in special cases."""

from hypothesis import strategies as st

from charging.domain.matching import Demand, Preference, Supply

SITES = st.sampled_from(["", "mill", "park"])
AREAS = st.sampled_from(["GB", "FR", "DE"])
SOURCES = st.sampled_from(["F01050100", "F01040100", "F01050200"])
SUPPLIERS = st.sampled_from(["north", "south"])
SMALL, LARGE = st.integers(0, 12), st.integers(0, 10**6)
PREFERENCES = st.lists(
    st.builds(
        Preference,
        supplier=st.sampled_from(["", "north", "south"]),
        source=st.sampled_from(["", "F0105", "F01040100"]),
    ),
    max_size=2,
).map(tuple)
COUPLINGS = st.frozensets(st.tuples(AREAS, AREAS), max_size=4)


def demands(amounts: st.SearchStrategy[int], most: int = 8) -> st.SearchStrategy[list[Demand]]:
    facts = st.tuples(amounts, SITES, AREAS, st.booleans(), PREFERENCES, st.booleans())
    return st.lists(facts, max_size=most).map(
        lambda rows: [Demand(f"charge-{n}", *row) for n, row in enumerate(rows)]
    )


def supplies(amounts: st.SearchStrategy[int], most: int = 6) -> st.SearchStrategy[list[Supply]]:
    facts = st.tuples(
        amounts,
        st.booleans(),
        SITES,
        AREAS,
        SOURCES,
        SUPPLIERS,
        st.sampled_from([None, 5, 9]),
        st.integers(0, 2),
    )
    return st.lists(facts, max_size=most).map(
        lambda rows: [Supply(f"{n:040x}", *row) for n, row in enumerate(rows)]
    )


AMOUNTS = st.sampled_from([SMALL, LARGE])
INTERVALS = AMOUNTS.flatmap(lambda wh: st.tuples(demands(wh), supplies(wh), COUPLINGS))
