"""Long lists take turns, and a turn is over however the list ends."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from threading import Barrier

import pytest

from ledger.errors import ExportRefused, ListsUnderWay
from ledger.models import AuditEvent
from ledger.services import long_lists
from ledger.services.long_lists import Turn, in_turn, refuse_what_no_sheet_holds

NOW = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture(autouse=True)
def no_wait(monkeypatch):
    monkeypatch.setattr(long_lists, "WAIT_S", 0.01)
    yield
    assert not long_lists._served, "a turn was never given back"


def pieces(*given):
    yield from given


def test_one_reader_has_one_long_list_at_a_time():
    first = Turn("a", pieces(1, 2))
    with pytest.raises(ListsUnderWay, match="on its way to you"):
        Turn("a", pieces(1))
    assert list(first) == [1, 2]
    assert list(Turn("a", pieces(3))) == [3]


def test_few_readers_are_served_at_once_and_the_next_is_told_to_come_back():
    some = [Turn(str(n), pieces(n)) for n in range(long_lists.AT_ONCE)]
    with pytest.raises(ListsUnderWay, match="again in a minute"):
        Turn("late", pieces(0))
    for one in some:
        one.close()
    assert list(Turn("late", pieces(0))) == [0]


def test_a_list_that_is_never_begun_gives_its_turn_back_when_closed():
    turn = Turn("a", pieces(1))
    turn.close()
    turn.close()
    assert list(Turn("a", pieces(1))) == [1]


def test_a_list_that_fails_gives_its_turn_back_and_its_reader_is_told():
    def failing():
        yield 1
        raise OSError("gone")

    with pytest.raises(OSError, match="gone"):
        list(Turn("a", failing()))


def test_a_closed_list_closes_what_it_reads():
    closed = []

    def source():
        try:
            yield from range(10)
        finally:
            closed.append(True)

    turn = Turn("a", source())
    assert next(turn) == 0
    turn.close()
    assert closed == [True]


def test_a_double_click_of_many_threads_is_served_once(monkeypatch):
    together = Barrier(8)

    def ask(_):
        together.wait(10)
        try:
            return Turn("a", pieces(1))
        except ListsUnderWay:
            return None

    with ThreadPoolExecutor(8) as threads:
        turns = [turn for turn in threads.map(ask, range(8)) if turn]
    assert len(turns) == 1
    turns[0].close()


def test_a_broken_off_list_leaves_its_turn_to_who_waits(monkeypatch):
    monkeypatch.setattr(long_lists, "WAIT_S", 30)
    first = Turn("a", pieces(1))
    with ThreadPoolExecutor(1) as threads:
        second = threads.submit(Turn, "a", pieces(2))
        first.close()
        assert list(second.result(30)) == [2]


@pytest.fixture
def events(db):
    AuditEvent.objects.bulk_create(
        AuditEvent(at=NOW, actor="test", action="test", subject=str(n)) for n in range(3)
    )
    return AuditEvent.objects.filter(actor="test").order_by("pk")


def test_short_lists_need_no_turn(events, monkeypatch):
    monkeypatch.setattr(long_lists, "LONG", 3)
    assert not isinstance(in_turn("a", events, pieces(1)), Turn)
    monkeypatch.setattr(long_lists, "LONG", 2)
    turn = in_turn("a", events, pieces(1))
    assert isinstance(turn, Turn)
    turn.close()


def test_more_rows_than_a_sheet_holds_are_refused_before_any_is_read(events, monkeypatch):
    refuse_what_no_sheet_holds(events)
    monkeypatch.setattr(long_lists.workbook, "MOST_ROWS", 2)
    with pytest.raises(ExportRefused, match="Take the CSV file"):
        refuse_what_no_sheet_holds(events)
