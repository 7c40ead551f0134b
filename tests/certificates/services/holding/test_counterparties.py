"""An organisation's list: set, changed, taken off, and what both sides are told of it."""

import pytest

from certificates.errors import CounterpartyRefused
from certificates.models import Counterparty
from certificates.queries.holding.counterparties import kept_out, listed, trades_with_some_alone
from certificates.services.holding import agreements, counterparties
from certificates.services.organisations import register_organisation
from ledger.models import AuditEvent
from tests.certificates.conftest import NOW


def put(organisation, other, rule):
    counterparties.set_rule(
        organisation=organisation, other=other, rule=rule, now=NOW, actor="somebody"
    )


def test_a_second_click_sets_nothing_and_leaves_no_second_event(farm, company):
    put(farm, company, "deny")
    put(farm, company, "deny")
    put(farm, company, "allow")
    put(farm, company, "")
    put(farm, company, "")
    assert not Counterparty.objects.exists()
    events = AuditEvent.objects.filter(action="counterparty.set").order_by("pk")
    assert [(each.detail["was"], each.detail["rule"]) for each in events] == [
        ("", "deny"),
        ("deny", "allow"),
        ("allow", ""),
    ]


def test_who_is_refused_reads_which_rule_did_it(farm, company):
    put(company, farm, "deny")
    with pytest.raises(CounterpartyRefused, match="Charging company has denied Wind farm"):
        counterparties.check(farm, company)
    put(company, farm, "")
    third = register_organisation(name="Third", slug="third", roles=["trader"], now=NOW)
    put(company, third, "allow")
    with pytest.raises(CounterpartyRefused, match="Wind farm is not among them"):
        counterparties.check(farm, company)
    put(company, farm, "allow")
    counterparties.check(farm, company)


def test_the_list_says_what_it_leaves_between_the_two(farm, company, device):
    agreements.agree(device=device, to=company, share_ppm=1_000, now=NOW)
    assert not kept_out(farm)
    put(farm, company, "deny")
    assert [each.to for each in kept_out(farm).agreements] == [company]
    assert [line.other for line in listed(farm)] == [company]
    assert not trades_with_some_alone(farm)
    put(farm, company, "allow")
    assert not kept_out(farm)
    assert trades_with_some_alone(farm)
