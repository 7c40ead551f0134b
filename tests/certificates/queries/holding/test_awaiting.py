"""What waits for an organisation's answer, on its own first page and on nobody else's."""

from datetime import timedelta

import pytest
from django.urls import reverse

from certificates.domain.selection import Criteria
from certificates.models import Notice
from certificates.queries.holding.awaiting import awaiting_answer
from certificates.services.holding import agreement_proposals, offers
from certificates.services.holding.agreement_proposals import Terms
from certificates.services.holding.offers import OfferRequest
from tests.certificates.conftest import NOW
from tests.certificates.views.holder.test_holdings import person

HOUR = timedelta(hours=1)


@pytest.fixture
def offered(farm, company, produce):
    produce("1", "2", "3")
    request = OfferRequest(farm, company, Criteria(), "k", lapses_at=NOW + HOUR)
    return offers.offer(request=request, now=NOW)


def propose(device, to, by):
    terms = Terms(device, to, (NOW, None), share_ppm=50_000)
    return agreement_proposals.propose(terms=terms, by=by, now=NOW)


def test_an_offer_waits_for_the_other_side_alone_and_until_its_end(farm, company, offered):
    assert awaiting_answer([company], NOW).offers == [offered]
    assert not awaiting_answer([farm], NOW)
    assert not awaiting_answer([], NOW)
    assert not awaiting_answer([company], NOW + HOUR)
    offers.reject(offer=offered, by=company, now=NOW)
    assert not awaiting_answer([company], NOW)


@pytest.mark.parametrize("by_owner", [True, False])
def test_a_proposal_waits_for_whichever_side_did_not_make_it(by_owner, farm, company, device):
    asking, asked = (farm, company) if by_owner else (company, farm)
    made = propose(device, company, asking)
    found = awaiting_answer([asked], NOW)
    assert [(each.proposal, each.asked) for each in found.proposals] == [(made, asked)]
    assert not awaiting_answer([asking], NOW)
    both = awaiting_answer([farm, company], NOW)
    assert [each.asked for each in both.proposals] == [asked]
    agreement_proposals.reject(proposal=made, by=asked, now=NOW)
    assert not awaiting_answer([farm, company], NOW)


def test_the_generator_s_home_asks_for_an_answer_and_tells_of_those_given(
    client, farm, company, device
):
    client.force_login(person(farm, "producer"))
    propose(device, company, company)
    text = client.get(reverse("generator")).content.decode()
    assert "What needs doing" in text
    assert "Charging company proposes 5 % of Turbine 2" in text
    assert f"{reverse('agreements')}?as=farm" in text
    mine = propose(device, company, farm)
    agreement_proposals.reject(proposal=mine, by=company, now=NOW)
    text = client.get(reverse("generator")).content.decode()
    assert "Charging company has rejected the proposed agreement" in text


def test_the_company_s_home_asks_too_before_and_after_its_first_charge(client, offered, company):
    client.force_login(person(company, "charging_company"))
    page = client.get(reverse("company"))
    assert page.templates[0].name == "company/empty.html"
    assert "Wind farm offers you 6000 Wh" in page.content.decode()
    assert "What waits for your answer" not in page.content.decode()  # its time is over by now
    offered.lapses_at = None
    offered.save()
    for name in ("company", "holdings"):
        text = client.get(reverse(name)).content.decode()
        assert reverse("offer", args=[offered.pk]) in text
        assert "Answer the offer of" in text


def test_a_lapsed_offer_is_told_to_both_sides_once(farm, company, offered):
    for _ in range(2):
        offers.lapse_due(now=NOW + HOUR)
    words = dict(Notice.objects.values_list("organisation__slug", "message"))
    assert (
        words["farm"] == "Your offer to Charging company lapsed; its certificates are yours again."
    )
    told = (
        Notice.objects.filter(organisation=company).order_by("pk").values_list("message", flat=True)
    )
    assert list(told) == [
        "Wind farm offers you 6000 Wh of certificates.",
        "The offer of 6000 Wh from Wind farm lapsed unanswered.",
    ]
