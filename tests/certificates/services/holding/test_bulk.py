"""Acts over many certificates: all or none, once."""

import pytest

from certificates.domain.bulk_lines import Line
from certificates.errors import HoldingRefused, LinesRefused
from certificates.queries.holding.holdings import held_by_state, held_wh, holdings
from certificates.services.holding import moving
from certificates.services.holding.bulk import BulkAct, carry_out
from ledger.errors import KeyReused
from ledger.models import Entry
from tests.certificates.conftest import NOW


@pytest.fixture
def lines(farm, produce):
    produce("1", "2", "3")
    return [Line(n, h.code, h.amount_wh) for n, h in enumerate(holdings(farm), start=1)]


def act(event, holder, lines, **more):
    wanted = BulkAct(event, holder, lines, **more)
    return sum(carry_out(act=wanted, key="k", now=NOW, actor="test").values())


def test_a_transfer_moves_every_line(farm, company, lines):
    assert act("transfer", farm, lines, to=company) == 6_000
    assert (held_wh(farm), held_wh(company)) == (0, 6_000)


def test_more_lines_than_an_entry_takes_become_several_entries(farm, company, lines, monkeypatch):
    monkeypatch.setattr(moving, "MOVES", 2)
    act("transfer", farm, lines, to=company)
    moved = Entry.objects.filter(kind="transfer")
    assert sorted(entry.postings.count() for entry in moved) == [1, 2]


def test_a_repetition_changes_nothing_even_when_nothing_is_left(farm, company, lines):
    act("transfer", farm, lines, to=company)
    assert act("transfer", farm, lines, to=company) == 6_000
    assert held_wh(company) == 6_000


def test_a_key_with_other_content_is_refused(farm, company, lines):
    act("transfer", farm, lines, to=company)
    with pytest.raises(KeyReused):
        act("transfer", farm, lines[:2], to=company)


def test_one_bad_line_stops_all(farm, company, lines):
    lines[1] = Line(2, lines[1].asset, lines[1].amount_wh + 1)
    with pytest.raises(LinesRefused) as caught:
        act("transfer", farm, lines, to=company)
    assert [each.line for each in caught.value.lines] == [2]
    assert (held_wh(farm), held_wh(company)) == (6_000, 0)


def test_what_another_holds_is_as_unknown_as_what_does_not_exist(company, lines):
    unknown = [lines[0], Line(2, "f" * 40, 1)]
    with pytest.raises(LinesRefused) as caught:
        act("reserve", company, unknown)
    (a, b) = caught.value.lines
    assert a.message == b.message


def test_reserved_certificates_come_back_and_locked_ones_do_not_move(farm, company, lines):
    act("reserve", farm, lines[:1])
    assert held_by_state(farm) == {"active": 5_000, "reserved": 1_000, "locked": 0}
    with pytest.raises(LinesRefused):
        carry_out(
            act=BulkAct("transfer", farm, lines[:1], to=company), key="t", now=NOW, actor="test"
        )
    carry_out(act=BulkAct("release", farm, lines[:1]), key="r", now=NOW, actor="test")
    assert held_by_state(farm)["active"] == 6_000


def test_a_state_that_the_event_does_not_know_is_refused(farm, lines):
    with pytest.raises(HoldingRefused):
        act("release", farm, lines, state="active")
