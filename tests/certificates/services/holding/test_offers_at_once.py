"""Both sides of an offer act at the same instant: one answer stands, and every Wh moves once."""

import pytest

from certificates.domain.selection import Criteria
from certificates.errors import OfferRefused
from certificates.models import Offer
from certificates.queries.holding.holdings import held_wh
from certificates.services import reference
from certificates.services.holding.bulk import BulkAct, Chosen, carry_out
from certificates.services.holding.offers import OfferRequest, accept, offer, withdraw
from certificates.services.organisations import register_organisation
from certificates.services.plants.devices import register_device
from ledger.errors import LedgerError
from ledger.services.consistency import balances, conservation
from tests.certificates.conftest import NOW, facts
from tests.certificates.services.issuing.test_corrections import upload
from tests.ledger.services.test_book_race import THREADS, race


@pytest.fixture
def sides(transactional_db, data_dir):
    """A farm with 3,000 Wh and a company with none."""
    reference.load()
    farm = register_organisation(name="Farm", slug="farm", roles=["producer"], now=NOW)
    company = register_organisation(name="Company", slug="company", roles=["trader"], now=NOW)
    device = register_device(facts=facts(organisation="farm"), now=NOW, approve=True)
    upload(device, "1", "2")
    return farm, company


def test_an_offer_accepted_eight_times_at_once_moves_once(sides):
    farm, company = sides
    made = offer(request=OfferRequest(farm, company, Criteria(amount_wh=2_500), "k"), now=NOW)
    found = race(lambda n: accept(offer=made, by=company, now=NOW))
    assert {each.status for each in found} == {"accepted"}
    assert (held_wh(farm), held_wh(company)) == (500, 2_500)
    assert [*balances(), *conservation()] == []


def test_an_offer_accepted_and_withdrawn_at_once_has_one_end(sides):
    farm, company = sides
    made = offer(request=OfferRequest(farm, company, Criteria(amount_wh=2_500), "k"), now=NOW)
    found = race(
        lambda n: (
            accept(offer=made, by=company, now=NOW)
            if n % 2
            else withdraw(offer=made, by=farm, now=NOW)
        )
    )
    ended = Offer.objects.get(pk=made.pk).status
    assert {each.status for each in found if isinstance(each, Offer)} == {ended}
    assert sum(isinstance(each, OfferRefused) for each in found) == THREADS // 2
    moved = 2_500 if ended == "accepted" else 0
    assert (held_wh(farm), held_wh(company)) == (3_000 - moved, moved)


def test_a_choice_transferred_eight_times_at_once_under_one_key_moves_once(sides):
    farm, company = sides
    act = BulkAct("transfer", farm, Chosen(Criteria(amount_wh=1_200)), to=company)
    found = race(lambda n: carry_out(act=act, key="k", now=NOW, actor="test"))
    # Whoever waited finds the first, or is told that its key is at work or taken.
    assert all(isinstance(each, dict | LedgerError) for each in found), found
    assert any(isinstance(each, dict) for each in found)
    assert (held_wh(farm), held_wh(company)) == (1_800, 1_200)
