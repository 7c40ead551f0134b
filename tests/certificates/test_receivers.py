"""Numbers read back from the chain reach lots and retirements."""

from ledger.signals import batch_certified


def test_a_certified_batch_gives_its_own_lots_their_place(produce, send):
    one, two, other = produce("1", "2", "3")
    batch = send(
        one.entry_id, two.entry_id, numbers={one.entry_id: (7, 7), two.entry_id: (None, 1007)}
    )
    batch_certified.send(sender=None, batch_id=batch.pk)
    for lot in (one, two, other):
        lot.refresh_from_db()
    assert [one.first_wh, two.first_wh, other.first_wh] == [7, 1007, None]


def test_the_number_of_queries_does_not_grow_with_the_batch(
    produce, send, django_assert_num_queries
):
    lots = produce(*(["1"] * 12))
    batch = send(*(lot.entry_id for lot in lots), numbers={lot.entry_id: (0, 0) for lot in lots})
    with django_assert_num_queries(2):
        batch_certified.send(sender=None, batch_id=batch.pk)
