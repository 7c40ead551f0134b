"""What a holder has, by time and area."""

from datetime import timedelta

from certificates.models import Area
from certificates.queries.holding.holdings import held_wh, holdings
from ledger.domain.token_id import BOTH


def test_holdings_are_ordered_by_time_and_cut_by_start(device, produce):
    lots = produce("1", "2", "3")
    owner = device.organisation
    rows = holdings(owner)
    assert [row.amount_wh for row in rows] == [1000, 2000, 3000]
    assert [row.lot_id for row in rows] == [lot.pk for lot in lots]
    assert {(row.mask, row.device_id, row.length_minutes) for row in rows} == {
        (BOTH, device.pk, 60)
    }
    begin = lots[0].starts_at
    middle = holdings(
        owner, starts_at=begin + timedelta(hours=1), ends_at=begin + timedelta(hours=2)
    )
    assert [row.amount_wh for row in middle] == [2000]
    assert held_wh(owner) == 6000


def test_holdings_of_another_area_are_left_out(device, produce):
    produce("1", "2")
    elsewhere = Area.objects.exclude(pk=device.area_id).first()
    assert len(holdings(device.organisation, area_id=device.area_id)) == 2
    assert holdings(device.organisation, area_id=elsewhere.pk) == []


def test_holdings_take_one_query(device, produce, django_assert_num_queries):
    produce("1", "2", "3")
    with django_assert_num_queries(1):
        holdings(device.organisation, area_id=device.area_id)
