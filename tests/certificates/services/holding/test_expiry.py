"""Certificates end by the registry's terms; a registry without terms ends none."""

from datetime import UTC, datetime

import pytest

from certificates.domain.terms import months_before
from certificates.errors import PolicyRefused
from certificates.models import Notice, RegistryPolicy
from certificates.queries.holding.holdings import held_wh, holdings
from certificates.queries.readings.debts import debts
from certificates.queries.readings.mass_balance import mass_balance
from certificates.services.holding import expiry
from certificates.services.holding.holds import Change, change_state
from certificates.services.holding.transfer import transfer
from certificates.services.issuing.issuance import issue
from ledger.chain.memory import MemoryChain
from ledger.models import Entry
from ledger.services.reconciliation import compare
from ledger.services.settlement import sweep
from tests.certificates.conftest import NOW
from tests.certificates.services.issuing.test_corrections import YEAR, retire, upload

END = datetime(2019, 7, 1, 1, tzinfo=UTC)  # 18 months after the first hour


@pytest.fixture
def terms(db):
    return RegistryPolicy.objects.create(
        valid_from=datetime(2018, 1, 1, tzinfo=UTC), tradable_months=12, usable_months=18
    )


def test_a_registry_without_terms_ends_nothing(device, produce):
    produce("1", "2")
    assert expiry.expire(now=datetime(2099, 1, 1, tzinfo=UTC)) == 0
    assert held_wh(device.organisation) == 3_000


def test_what_is_held_expires_with_its_term_and_not_before(device, produce, terms):
    produce("1", "2")
    assert expiry.expire(now=END.replace(hour=0, minute=59)) == 0
    assert expiry.expire(now=END) == 1_000
    assert expiry.expire(now=END) == 0
    assert held_wh(device.organisation) == 2_000
    (first, second) = mass_balance(device, *YEAR)
    assert (first.expired_wh, first.held_wh, second.held_wh) == (1_000, 0, 2_000)
    assert first.is_balanced
    assert Notice.objects.get(kind="expired").amount_wh == 1_000
    assert issue(device=device, now=END).lots == 0


def test_what_is_locked_or_reserved_expires_too_and_what_is_retired_stays(device, produce, terms):
    produce("1", "2")
    farm = device.organisation
    retire(farm, 100)
    asset = holdings(farm)[0].asset_id
    for event in ("lock", "reserve"):
        change_state(change=Change(event, farm, {asset: 300}), key=event, now=NOW)
    assert expiry.expire(now=END) == 900
    assert mass_balance(device, *YEAR)[0].retired_wh == 100


def test_expiry_reaches_the_chain_with_its_own_reason(device, produce, terms):
    produce("1", "2")
    expiry.expire(now=END)
    chain = MemoryChain(chain_id=202611, registry_id=1)
    sweep(chain=chain, clock=lambda: END)
    assert compare(chain).differences == ()
    assert Entry.objects.get(kind="withdraw").outbox_item.status == "certified"


def test_holders_are_told_before_once(device, produce, terms):
    produce("1", "2")
    assert expiry.warn(now=datetime(2019, 5, 1, tzinfo=UTC)) == 0
    for _ in range(2):
        expiry.warn(now=datetime(2019, 6, 15, tzinfo=UTC))
    told = Notice.objects.get(kind="expires_soon")
    assert (told.organisation, told.amount_wh) == (device.organisation, 3_000)


def test_after_the_trading_term_nothing_is_transferred_but_still_used(
    device, company, produce, terms
):
    produce("1", "2")
    farm = device.organisation
    amounts = {holdings(farm)[0].asset_id: 10}
    with pytest.raises(PolicyRefused, match="12 months"):
        transfer(key="t", source=farm, destination=company, amounts=amounts, now=NOW)
    retire(farm, 10)


def test_a_debt_is_seen_with_its_age_and_its_owner_told_when_it_is_overdue(
    device, company, produce, terms
):
    terms.debt_overdue_days = 30
    terms.save()
    produce("1", "2")
    retire(device.organisation, 1_000)
    upload(device, "0.7", "0")
    (debt,) = debts(NOW)
    assert (debt.amount_wh, debt.since, debt.overdue) == (300, NOW, False)
    later = datetime(2019, 5, 1, tzinfo=UTC)
    assert debts(later)[0].overdue
    assert expiry.warn_of_debt(now=later) == 1
    assert expiry.warn_of_debt(now=later) == 0


@pytest.mark.parametrize(
    ("day", "months", "earlier"),
    [
        ("2019-07-01", 18, "2018-01-01"),
        ("2019-03-31", 1, "2019-02-28"),
        ("2020-02-29", 12, "2019-02-28"),
    ],
)
def test_months_are_counted_by_the_calendar(day, months, earlier):
    assert months_before(datetime.fromisoformat(day), months) == datetime.fromisoformat(earlier)
