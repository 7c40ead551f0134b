"""A standing agreement needs both sides."""

from datetime import UTC, datetime

import pytest
from django.db import IntegrityError, transaction

from certificates.errors import AgreementRefused, CounterpartyRefused
from certificates.models import Agreement, AgreementProposal, Notice
from certificates.queries.holding.agreements import agreements_of, proposals_of
from certificates.queries.holding.holdings import held_wh
from certificates.services.holding import counterparties
from certificates.services.holding.agreement_proposals import (
    Terms,
    accept,
    propose,
    reject,
    withdraw,
)
from certificates.services.holding.agreements import ALWAYS, agree
from certificates.services.organisations import register_organisation
from tests.certificates.conftest import NOW

YEAR = datetime(2018, 1, 1, tzinfo=UTC), datetime(2019, 1, 1, tzinfo=UTC)


@pytest.fixture
def terms(device, company):
    return Terms(device=device, to=company, period=YEAR, share_ppm=500_000)


def test_a_proposal_gives_nothing_until_the_other_side_accepts(farm, company, terms, produce):
    made = propose(terms=terms, by=farm, now=NOW)
    assert not Agreement.objects.exists()
    agreed = accept(proposal=made, by=company, now=NOW)
    assert accept(proposal=made, by=company, now=NOW) == agreed
    produce("1", "2")
    assert held_wh(company) == 1_500
    assert [*agreements_of(company)] == [*agreements_of(farm)] == [agreed]
    assert [*proposals_of(company)] == [made]


def test_who_is_to_get_it_may_propose_too(farm, company, device):
    terms = Terms(device=device, to=company, period=(ALWAYS, None), wh_per_hour=700)
    made = propose(terms=terms, by=company, now=NOW)
    with pytest.raises(AgreementRefused, match="Only the side that it was proposed to"):
        accept(proposal=made, by=company, now=NOW)
    assert accept(proposal=made, by=farm, now=NOW).wh_per_hour == 700
    assert Notice.objects.filter(organisation=company).get().message.startswith("Wind farm has")


def test_the_same_proposal_twice_is_one(farm, terms):
    assert propose(terms=terms, by=farm, now=NOW) == propose(terms=terms, by=farm, now=NOW)
    assert Notice.objects.count() == 1


@pytest.mark.parametrize("act", [reject, withdraw])
def test_what_ended_without_a_yes_is_no_agreement(act, farm, company, terms):
    made = propose(terms=terms, by=farm, now=NOW)
    by, other = (company, farm) if act is reject else (farm, company)
    with pytest.raises(AgreementRefused, match="Only"):
        act(proposal=made, by=other, now=NOW)
    act(proposal=made, by=by, now=NOW)
    assert act(proposal=made, by=by, now=NOW).status != "open"
    with pytest.raises(AgreementRefused, match="This one was"):
        accept(proposal=made, by=company, now=NOW)
    assert not Agreement.objects.exists()


def test_nobody_proposes_what_others_give_each_other(farm, company, terms):
    other = register_organisation(name="Other", slug="other", roles=["trader"], now=NOW)
    with pytest.raises(AgreementRefused, match="gives or gets itself"):
        propose(terms=terms, by=other, now=NOW)
    made = propose(terms=terms, by=farm, now=NOW)
    with pytest.raises(AgreementRefused, match="no side"):
        accept(proposal=made, by=other, now=NOW)


def test_more_than_the_whole_is_refused_when_it_would_come_into_force(farm, company, terms):
    made = propose(terms=terms, by=farm, now=NOW)
    agree(device=terms.device, to=company, share_ppm=600_000, now=NOW)
    with pytest.raises(AgreementRefused, match="whole is"):
        accept(proposal=made, by=company, now=NOW)
    made.refresh_from_db()
    assert made.status == "open"


def test_lists_count_for_agreements_too(farm, company, terms):
    made = propose(terms=terms, by=farm, now=NOW)
    counterparties.set_rule(organisation=farm, other=company, rule="deny", now=NOW, actor="t")
    with pytest.raises(CounterpartyRefused):
        propose(terms=Terms(terms.device, company, YEAR, 1), by=company, now=NOW)
    with pytest.raises(CounterpartyRefused):
        accept(proposal=made, by=company, now=NOW)


def test_the_database_refuses_an_accepted_proposal_without_an_agreement(farm, terms):
    made = propose(terms=terms, by=farm, now=NOW)
    for changes in ({"status": "accepted", "ended_at": NOW}, {"ended_at": NOW}, {"share_ppm": 0}):
        with pytest.raises(IntegrityError), transaction.atomic():
            AgreementProposal.objects.filter(pk=made.pk).update(**changes)
