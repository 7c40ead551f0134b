"""Many rows at once are the rows that the models would have written."""

from datetime import UTC, datetime, timedelta, timezone

import numpy as np
import pytest
from django.db import DataError, IntegrityError, connection, transaction
from django.db.models import CharField
from django.db.models.functions import Cast

from ledger.models import Account, Asset, AuditEvent, Balance, Entry, OutboxItem, Posting
from ledger.models.bulk import insert, insert_columns, moments, reserve_ids

pytestmark = pytest.mark.django_db
NOW = datetime(2018, 2, 1, 3, 4, 5, 678_900, tzinfo=UTC)
HASH = bytes(range(32))


def entries(count: int, **more: object) -> list[int]:
    ids = reserve_ids(Entry, count)
    rows = {"id": ids, "key": [f"k{n}" for n in range(count)], "kind": "transfer"}
    rows |= {"content_hash": [HASH] * count, "posted_at": NOW, "reverses": None}
    insert_columns(Entry, rows | more, count)
    return ids


def test_columns_and_single_values_become_rows():
    ids = entries(3, key=["a", "ää", "ccc"])
    found = Entry.objects.order_by("pk").values_list("pk", "key", "content_hash", "posted_at")
    assert [(pk, key, bytes(content), at) for pk, key, content, at in found] == [
        (ids[0], "a", HASH, NOW),
        (ids[1], "ää", HASH, NOW),
        (ids[2], "ccc", HASH, NOW),
    ]


def test_ids_that_are_reserved_ascend_and_are_given_once():
    first, second = reserve_ids(Entry, 3), []
    if connection.vendor == "postgresql":  # SQLite counts what is there, in one writer at a time
        second = reserve_ids(Entry, 2)
    assert sorted({*first, *second}) == first + second
    assert reserve_ids(Entry, 0) == []


def test_no_rows_are_no_error():
    insert_columns(Entry, {"id": [], "key": [], "kind": "transfer"}, 0)
    insert(Entry, ["id", "key"], [])
    assert not Entry.objects.exists()


def test_arrays_are_written_as_numbers_and_instants():
    minutes = np.array([25_000_000, 25_000_060])
    entries(2, posted_at=minutes.astype("datetime64[m]"))
    expected = [datetime(1970, 1, 1, tzinfo=UTC) + timedelta(minutes=n) for n in minutes.tolist()]
    assert list(Entry.objects.order_by("pk").values_list("posted_at", flat=True)) == expected


def test_a_list_of_instants_is_written_whatever_their_zone():
    east = timezone(timedelta(hours=2))
    entries(2, posted_at=[NOW, NOW.astimezone(east)])
    assert set(Entry.objects.values_list("posted_at", flat=True)) == {NOW}


def test_truth_and_null_are_kept():
    (entry,) = entries(1)
    account, asset = Account.objects.create(name="A"), Asset.objects.create(code="a", unit="Wh")
    row = {"account": [account.pk], "asset": [asset.pk], "amount": np.array([-5])}
    insert_columns(Balance, row | {"may_be_negative": np.array([True])}, 1)
    insert_columns(
        OutboxItem,
        {"entry": [entry], "batch": [None], "status": "pending"}
        | {"kind": "issue", "digest": b"", "reason": ""},
        1,
    )
    assert Balance.objects.get().may_be_negative is True
    assert OutboxItem.objects.get().batch_id is None


@pytest.mark.parametrize("position", [2**15, 2**31])
def test_a_number_too_large_for_its_column_is_refused(position):
    if connection.vendor != "postgresql":
        pytest.skip("SQLite's columns know no size")
    row = {"entry": entries(1), "position": [position], "asset": 1, "source": 1}
    with pytest.raises(DataError, match="ledger_posting"), transaction.atomic():
        insert_columns(Posting, row | {"destination": 2, "amount": 1}, 1)
    assert not Posting.objects.exists()


def test_a_constraint_refuses_all_rows():
    with pytest.raises(IntegrityError), transaction.atomic():
        entries(2, key=["same", "same"])
    assert not Entry.objects.exists()


def test_rows_with_json_and_gaps_are_written():
    rows = [(NOW, "a", "", "act", "s", '{"n": 1}'), (NOW, "ä", "7", "act", "", "{}")]
    insert(AuditEvent, ["at", "actor", "actor_id", "action", "subject", "detail"], rows)
    found = AuditEvent.objects.order_by("pk").values_list("at", "actor", "subject", "detail")
    assert list(found) == [(NOW, "a", "s", {"n": 1}), (NOW, "ä", "", {})]


def test_more_rows_than_one_piece_are_all_written(monkeypatch):
    monkeypatch.setattr("ledger.models.bulk.PIECE", 2)
    rows = [(f"code-{n}", "currency", "minor") for n in range(5)]
    insert(Asset, ["code", "kind", "unit"], rows)
    codes = Asset.objects.order_by("pk").values_list("code", flat=True)
    assert list(codes) == [code for code, _, _ in rows]


def test_the_databases_own_text_of_an_instant_leads_back_to_it():
    (pk,) = entries(1)
    text = Entry.objects.annotate(text=Cast("posted_at", CharField())).get(pk=pk).text
    (moment,) = moments([text])
    assert moment == NOW
    assert moment.tzinfo is UTC


def test_an_array_of_instants_between_seconds_is_never_cut():
    between = np.array([1_500], "datetime64[ms]")
    if connection.vendor == "postgresql":
        entries(1, posted_at=between)
        assert Entry.objects.get().posted_at.microsecond == 500_000
        return
    with pytest.raises(ValueError, match="whole seconds"):
        entries(1, posted_at=between)
