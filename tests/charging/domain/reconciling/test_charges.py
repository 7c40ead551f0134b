"""Many charges: duplicates and overlaps, each pair once."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from charging.domain.reconciling.charges import compare
from charging.domain.reconciling.facts import Place, Statement
from charging.domain.reconciling.findings import Code

START = datetime(2026, 3, 1, tzinfo=UTC)


def at(uid, start, end, wh=1000, place="E1", token=""):
    """A charge by minutes since midnight."""
    return Statement(
        uid,
        Place(place, "1"),
        START + timedelta(minutes=start),
        None if end is None else START + timedelta(minutes=end),
        wh,
        token=token,
    )


def found(*statements):
    return [
        (each.code, each.figures["first"], each.figures["second"]) for each in compare(statements)
    ]


def test_charges_one_after_another_do_not_overlap():
    assert found(at("a", 0, 10), at("b", 10, 20), at("c", 20, 30)) == []


def test_an_overlap_is_found_even_when_they_are_not_neighbours():
    pairs = found(at("a", 0, 100), at("b", 10, 20), at("c", 30, 40))
    assert pairs == [(Code.OVERLAP, "a", "b"), (Code.OVERLAP, "a", "c")]


def test_an_overlap_counts_its_seconds():
    [one] = compare([at("a", 0, 10), at("b", 8, 30)])
    assert one.figures["shared_s"] == 120


def test_the_same_charge_under_two_names_is_a_duplicate_and_no_overlap():
    assert found(at("a", 0, 10), at("b", 0, 10)) == [(Code.DUPLICATE, "a", "b")]
    assert found(at("a", 0, 10), at("b", 1, 11)) == [(Code.DUPLICATE, "a", "b")]


def test_two_cards_or_two_amounts_are_two_charges():
    cards = at("a", 0, 10, token="X"), at("b", 0, 10, token="Y")
    assert found(*cards) == [(Code.OVERLAP, "a", "b")]
    assert found(at("a", 0, 10, wh=1), at("b", 0, 10, wh=2)) == [(Code.OVERLAP, "a", "b")]
    assert found(at("a", 0, 10, token="x"), at("b", 0, 10, token="X"))[0][0] == Code.DUPLICATE


def test_another_connector_is_another_place():
    assert found(at("a", 0, 10), at("b", 0, 10, place="E2")) == []


def test_a_charge_without_an_end_may_be_a_duplicate_but_overlaps_nothing():
    assert found(at("a", 0, None), at("b", 0, None)) == [(Code.DUPLICATE, "a", "b")]
    assert found(at("a", 0, None), at("b", 0, 10), at("c", 5, 6)) == [(Code.OVERLAP, "b", "c")]


CHARGES = st.lists(
    st.builds(
        lambda start, length, wh, place: (start, start + length, wh, place),
        st.integers(0, 60),
        st.integers(0, 30),
        st.integers(0, 2),
        st.sampled_from(["E1", "E2"]),
    ),
    max_size=12,
).map(lambda rows: [at(f"{n:02}", *row[:2], row[2], row[3]) for n, row in enumerate(rows)])


def every_pair(charges):
    """The same by comparing everything with everything."""
    pairs = set()
    for n, one in enumerate(charges):
        for other in charges[n + 1 :]:
            if one.place != other.place:
                continue
            same = (
                one.energy_wh == other.energy_wh
                and abs(one.started_at - other.started_at) <= timedelta(minutes=1)
                and abs(one.ended_at - other.ended_at) <= timedelta(minutes=1)
            )
            shared = min(one.ended_at, other.ended_at) > max(one.started_at, other.started_at)
            if same or shared:
                code = Code.DUPLICATE if same else Code.OVERLAP
                pairs.add((code, frozenset((one.uid, other.uid))))
    return pairs


@given(CHARGES)
def test_sorting_finds_what_comparing_all_pairs_finds(charges):
    pairs = [(code, frozenset(uids)) for code, *uids in found(*charges)]
    assert len(pairs) == len(set(pairs))
    assert set(pairs) == every_pair(charges)


@given(CHARGES, st.randoms())
def test_the_order_of_what_comes_in_does_not_matter(charges, random):
    shuffled = list(charges)
    random.shuffle(shuffled)
    assert compare(shuffled) == compare(charges)
