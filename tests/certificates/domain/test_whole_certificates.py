"""Whole MWh: nothing in part is issued, shared or taken, and no Wh is lost."""

from hypothesis import given
from hypothesis import strategies as st

from certificates.domain.whole_certificates import issuable, part_of, shares, whole_parts

MWH = 1_000_000
WH = st.integers(0, 3 * MWH)
AMOUNTS = st.lists(WH, max_size=12)
OWNER, ONE, TWO = 1, 2, 3


@given(AMOUNTS, st.integers(0, 5).map(lambda n: n * MWH))
def test_what_is_issued_makes_the_total_whole_and_less_than_one_waits(waiting, before):
    issued = issuable(waiting, before)
    assert all(0 <= part <= wh for part, wh in zip(issued, waiting, strict=True))
    assert part_of(before + sum(issued)) == 0
    assert 0 <= sum(waiting) - sum(issued) < MWH


@given(AMOUNTS, WH)
def test_a_total_that_a_refusal_left_in_part_is_completed_first(waiting, before):
    issued = issuable(waiting, before)
    assert not any(issued) or part_of(before + sum(issued)) == 0


@given(AMOUNTS)
def test_the_first_hours_are_issued_first_and_at_most_one_in_part(waiting):
    issued = issuable(waiting, 0)
    partial = [part for part, wh in zip(issued, waiting, strict=True) if 0 < part < wh]
    assert len(partial) <= 1
    ended = False
    for part, wh in zip(issued, waiting, strict=True):
        assert not (ended and part)
        ended = ended or part < wh


def test_the_remainder_waits_for_the_next_hour():
    assert issuable([600_000, 600_000], 0) == [600_000, 400_000]
    assert issuable([200_000, 600_000], MWH) == [0, 0]
    assert issuable([200_000, 800_000], MWH) == [200_000, 800_000]


@given(st.lists(st.tuples(st.sampled_from([None, "a", "b"]), WH), max_size=12))
def test_each_group_gives_whole_mwh_and_all_that_it_can(parts):
    kept = whole_parts(parts)
    for group in ("a", "b"):
        asked = sum(wh for name, wh in parts if name == group)
        got = sum(part for part, (name, _) in zip(kept, parts, strict=True) if name == group)
        assert (part_of(got), asked - got < MWH) == (0, True)
    for part, (name, wh) in zip(kept, parts, strict=True):
        assert part == wh if name is None else 0 <= part <= wh


TWO_SHARES = st.tuples(st.integers(0, 500_000), st.integers(0, 500_000))


@given(AMOUNTS, TWO_SHARES)
def test_every_mwh_goes_to_one_account_and_nobody_gets_ahead_of_their_share(amounts, ppm):
    amounts = issuable(amounts, 0)
    parts = {ONE: ppm[0], TWO: ppm[1]}
    found = shares(amounts, [parts] * len(amounts), [OWNER] * len(amounts), {})
    got = {account: sum(one.get(account, 0) for one in found) for account in (OWNER, ONE, TWO)}
    assert [sum(one.values()) for one in found] == amounts
    assert all(part_of(wh) == 0 for wh in got.values())
    whole = sum(amounts)
    for account, share in parts.items():
        assert whole * share - got[account] * MWH >= 0
    # Together they lag behind by less than a MWh each, and one that is being filled.
    assert whole * sum(ppm) - (got[ONE] + got[TWO]) * MWH < 3 * MWH * MWH


@given(AMOUNTS, AMOUNTS, TWO_SHARES)
def test_shares_do_not_depend_on_how_issuance_is_cut_into_runs(first, second, ppm):
    first, second = issuable(first, 0), issuable(second, 0)
    parts = {ONE: ppm[0], TWO: ppm[1]}
    whole = shares(
        [*first, *second], [parts] * len([*first, *second]), [OWNER] * len([*first, *second]), {}
    )
    before = shares(first, [parts] * len(first), [OWNER] * len(first), {})
    dues = {
        account: sum(first) * share - sum(one.get(account, 0) for one in before) * MWH
        for account, share in parts.items()
    }
    after = shares(second, [parts] * len(second), [OWNER] * len(second), dues, sum(first))
    assert [*before, *after] == whole


def test_an_eighth_gets_every_eighth_mwh():
    found = shares([MWH] * 16, [{ONE: 125_000}] * 16, [OWNER] * 16, {})
    assert [one.get(ONE, 0) for one in found] == ([0] * 7 + [MWH]) * 2


def test_a_share_counts_only_for_the_hours_in_which_it_is_in_force():
    found = shares([MWH] * 4, [{}, {}, {ONE: 500_000}, {ONE: 500_000}], [OWNER] * 4, {})
    assert [one.get(ONE, 0) for one in found] == [0, 0, 0, MWH]
