"""Every Wh of an hour is somewhere."""

from datetime import UTC, datetime

from certificates.queries.holding.holdings import holdings
from certificates.queries.readings.mass_balance import mass_balance
from certificates.services.holding.agreements import agree
from certificates.services.holding.transfer import transfer
from certificates.services.meters.readings import import_readings
from ledger.models import Entry
from ledger.services.accounts import system_account
from ledger.services.book import Move, post_entry
from tests.certificates.conftest import meter_csv

YEAR = datetime(2018, 1, 1, tzinfo=UTC), datetime(2019, 1, 1, tzinfo=UTC)


def test_generated_is_issued_and_waiting_and_issued_is_held_and_retired(
    device, company, produce, now
):
    agree(device=device, to=company, share_ppm=250_000, now=now)
    produce("1", "2")
    late = meter_csv("2018-01-01T05:00Z,4", "2018-01-01T06:00Z,-1")
    import_readings(device=device, stream=late, name="m", selection={}, now=now)
    row = holdings(company)[0]
    for purpose, amount in (("retired", 100), ("expired", 20), ("withdrawn", 3)):
        post_entry(
            key=purpose,
            moves=[Move(company.account_id, system_account(purpose).pk, row.asset_id, amount)],
            now=now,
            kind=Entry.Kind.WITHDRAW,
        )
    first, second, third = mass_balance(device, *YEAR)
    assert (first.generated_wh, first.issued_wh, first.held_wh) == (1000, 1000, 877)
    assert (first.retired_wh, first.expired_wh, first.withdrawn_wh) == (100, 20, 3)
    assert (second.held_wh, second.waiting_wh) == (2000, 0)
    assert (third.generated_wh, third.issued_wh, third.waiting_wh) == (4000, 0, 4000)
    assert all(row.is_balanced for row in (first, second, third))


def test_a_transfer_moves_nothing_out_of_balance(device, company, produce, now):
    produce("1", "2")
    asset = holdings(device.organisation)[0].asset_id
    transfer(key="t", source=device.organisation, destination=company, amounts={asset: 10}, now=now)
    assert all(row.is_balanced for row in mass_balance(device, *YEAR))
