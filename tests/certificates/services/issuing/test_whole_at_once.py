"""Uploads, workers and traders at the same moment: a plant of whole MWh stays one of whole MWh."""

import pytest
from django.db.models import Sum

from certificates.domain.odometer import CERTIFICATE_WH as MWH
from certificates.errors import CertificatesError
from certificates.models import Lot
from certificates.queries.holding.holdings import held_wh, holdings
from certificates.queries.readings.mass_balance import mass_balance
from certificates.queries.readings.tallies import open_debt_wh
from certificates.services.holding.agreements import agree
from certificates.services.holding.transfer import transfer
from certificates.services.issuing.issuance import issue
from certificates.services.meters.readings import import_readings
from certificates.services.plants.devices import register_device
from ledger.errors import LedgerError, Overdrawn
from ledger.models import Balance
from ledger.services.consistency import balances, conservation
from tests.certificates.conftest import NOW, facts, meter_csv
from tests.certificates.services.issuing.test_corrections import YEAR
from tests.ledger.services.test_book_race import THREADS, race

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def whole(farm):
    return register_device(facts=facts(whole_certificates=True), now=NOW, approve=True)


def send(device, *kwh, first=0):
    lines = [f"2018-01-01T{first + n:02}:00:00Z,{value}" for n, value in enumerate(kwh)]
    file = {"name": f"{first}.csv", "selection": {}, "now": NOW}
    return import_readings(device=device, stream=meter_csv(*lines), **file)


def check(device, generated_wh):
    """Issued is every whole MWh there is, and every account has whole ones."""
    issued = Lot.objects.standing().filter(device=device).aggregate(wh=Sum("amount_wh"))["wh"] or 0
    assert issued == generated_wh // MWH * MWH
    for row in (
        Balance.objects.filter(account__system="").values("account").annotate(wh=Sum("amount"))
    ):
        assert row["wh"] % MWH == 0
    assert all(row.is_balanced for row in mass_balance(device, *YEAR))
    assert [*balances(), *conservation()] == []


def test_eight_uploads_and_their_workers_at_once_issue_each_whole_mwh_once(whole, company):
    agree(device=whole, to=company, share_ppm=300_000, now=NOW)

    def upload_and_issue(n):
        send(whole, 700 + n, 650 - n, first=2 * n)
        issue(device=whole, now=NOW)
        return n

    assert sorted(race(upload_and_issue)) == list(range(THREADS))
    issue(device=whole, now=NOW)
    check(whole, THREADS * 1_350_000)
    # Of every MWh the company earns three tenths, and is behind by less than one.
    earned = THREADS * 1_350_000 // MWH * 300_000
    assert 0 <= earned - held_wh(company) < MWH


def test_eight_workers_at_once_issue_what_one_would(whole):
    send(whole, 900, 800, 700)
    race(lambda n: issue(device=whole, now=NOW).lots)
    check(whole, 2_400_000)


def test_of_eight_who_sell_the_same_mwh_as_many_succeed_as_there_are(whole, farm, company):
    send(whole, 1_500, 1_500)
    issue(device=whole, now=NOW)
    rows = holdings(farm)
    first = {rows[0].asset_id: MWH}

    def sell(n):
        sides = {"source": farm, "destination": company}
        return transfer(key=f"sale:{n}", **sides, amounts=first, now=NOW)

    results = race(sell)
    assert sum(isinstance(result, Overdrawn) for result in results) == THREADS - 1
    check(whole, 3_000_000)


def test_corrections_sales_and_workers_at_once_leave_whole_mwh_and_a_debt(whole, farm, company):
    send(whole, 1_500, 1_500, 1_000)
    issue(device=whole, now=NOW)
    amounts = {row.asset_id: row.amount_wh for row in holdings(farm)[:1]}
    amounts = {asset: wh // MWH * MWH for asset, wh in amounts.items()}

    def act(n):
        try:
            if n % 3 == 0:
                send(whole, 1_500 - 90 * (n + 1))
            elif n % 3 == 1:
                sides = {"source": farm, "destination": company}
                transfer(key=f"sale:{n}", **sides, amounts=amounts, now=NOW)
            else:
                send(whole, 100 + n, first=3 + n)
                issue(device=whole, now=NOW)
        except (CertificatesError, LedgerError) as error:
            return error
        return n

    results = race(act)
    odd = [one for one in results if isinstance(one, Exception)]
    assert all(isinstance(one, CertificatesError | LedgerError) for one in odd), odd
    issue(device=whole, now=NOW)
    for holder in (farm, company):
        assert held_wh(holder) % MWH == 0
    rows = mass_balance(whole, *YEAR)
    assert all(row.is_balanced for row in rows)
    assert open_debt_wh(whole) == sum(row.owed_wh - row.withheld_wh for row in rows)
    standing = sum(row.issued_wh - row.withdrawn_wh for row in rows)
    waiting = sum(row.waiting_wh for row in rows)
    generated = sum(row.generated_wh for row in rows)
    assert standing + waiting == generated + open_debt_wh(whole)
    assert [*balances(), *conservation()] == []
