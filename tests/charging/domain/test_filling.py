"""A gap is filled by what its charges may have, and by nothing else."""

from hypothesis import given
from hypothesis import strategies as st

from charging.domain.filling import Filling, fill
from charging.domain.matching import Demand, Preference, Supply

SOURCES, SUPPLIERS, AREAS = ("F0104", "F0105"), ("a", "b"), ("1", "2")
preferences = st.lists(
    st.builds(Preference, st.sampled_from(("", *SUPPLIERS)), st.sampled_from(("", *SOURCES))),
    max_size=2,
    unique=True,
).map(tuple)


@st.composite
def demands(draw):
    rows = draw(
        st.lists(
            st.tuples(st.integers(1, 30), st.sampled_from(AREAS), preferences, st.booleans()),
            min_size=1,
            max_size=4,
        )
    )
    return [
        Demand(str(n), wh, area=area, preferences=order, strict=strict and bool(order))
        for n, (wh, area, order, strict) in enumerate(rows)
    ]


@st.composite
def supplies(draw, name):
    rows = draw(
        st.lists(
            st.tuples(
                st.integers(0, 30),
                st.booleans(),
                st.sampled_from(AREAS),
                st.sampled_from(SOURCES),
                st.sampled_from(SUPPLIERS),
            ),
            max_size=4,
        )
    )
    return [
        Supply(f"{name}{n}", wh, green, area=area, source=source, supplier=supplier)
        for n, (wh, green, area, source, supplier) in enumerate(rows)
    ]


def test_what_is_barred_is_there_and_nothing_that_its_charges_take():
    sun, wind = Preference(source="F0104"), Supply("w", 8, area="1", source="F0105")
    asked = [Demand("s", 10, area="1", preferences=(sun,), strict=True)]
    light = Supply("l", 3, area="1", source="F01040100")
    assert fill(asked, [], [wind, light]) == {"1": Filling(0, 3, 7)}
    assert fill(asked, [light], [wind]) == {"1": Filling(3, 0, 7)}
    assert fill([*asked, Demand("t", 5, area="1")], [], [wind]) == {"1": Filling(0, 5, 3)}


@given(demands(), supplies("own"), supplies("other"))
def test_parts_are_within_what_is_missing_and_what_is_there(asked, own, others):
    found = fill(asked, own, others)
    for area in {one.area for one in asked}:
        missing = sum(one.amount_wh for one in asked if one.area == area)
        mine = sum(one.amount_wh for one in own if one.area == area)
        theirs = sum(one.amount_wh for one in others if one.area == area)
        one = found[area]
        assert min(one.own_wh, one.others_wh, one.barred_wh) >= 0
        # Wishes only part what is there: with them or without, as much of it would be used.
        assert one.own_wh + one.others_wh + one.barred_wh == min(missing, mine + theirs)
        assert (one.own_wh <= mine, one.others_wh <= theirs) == (True, True)


@given(demands(), supplies("own"), supplies("other"))
def test_where_nobody_wants_nothing_else_all_that_is_there_fills(asked, own, others):
    lenient = [Demand(one.key, one.amount_wh, area=one.area) for one in asked]
    assert not any(one.barred_wh for one in fill(lenient, own, others).values())
