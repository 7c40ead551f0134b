"""The page on which an organisation says with whom it trades."""

import pytest
from django.urls import reverse

from certificates.models import Counterparty, Offer
from certificates.services.organisations import register_organisation
from ledger.models import AuditEvent
from tests.certificates.conftest import NOW
from tests.certificates.views.holder.test_holdings import OFFER, check, person

URL = "/holdings/counterparties/"


@pytest.fixture
def holder(client, farm, company, device, produce):
    produce("1", "2", "3")
    client.force_login(person(farm, "producer"))
    return farm


def body(client):
    page = client.get(URL)
    assert page.status_code == 200
    return page.content.decode()


def test_one_is_denied_seen_and_taken_off(client, holder, company):
    assert "You trade with everybody</h1>" in body(client)
    assert client.post(URL, {"to": "charge", "rule": "deny"}).status_code == 302
    text = body(client)
    assert "You trade with everybody but those you denied" in text
    assert "Charging company" in text
    remove = reverse("counterparty_remove", args=["charge"])
    assert [client.post(remove).status_code for _ in range(2)] == [302, 302]
    assert not Counterparty.objects.exists()
    event = AuditEvent.objects.filter(action="counterparty.set").earliest("pk")
    assert (event.detail["other"], event.detail["rule"]) == ("charge", "deny")


def test_the_first_allowed_one_shuts_everybody_else_out(client, holder, company):
    register_organisation(name="Third", slug="third", roles=["trader"], now=NOW)
    assert "With the first organisation you allow" in body(client)
    client.post(URL, {"to": "third", "rule": "allow"})
    assert "You trade with those you allowed, and nobody else" in body(client)
    sent = check(client, "holdings_offer", OFFER)
    refused = client.post(reverse("holdings_offer"), sent)
    assert refused.status_code == 422
    assert "those alone that it has allowed" in refused.content.decode()
    assert not Offer.objects.exists()


def test_an_offer_from_before_is_named_beside_the_list(client, holder, company):
    client.post(reverse("holdings_offer"), check(client, "holdings_offer", OFFER))
    client.post(URL, {"to": "charge", "rule": "deny"})
    assert "cannot be accepted while the list stands" in body(client)


def test_a_partner_is_named_as_it_is_registered_and_offered_only_once_known(
    client, holder, company
):
    register_organisation(name="Third", slug="third", roles=["trader"], now=NOW)
    assert "<option value=" not in body(client).partition('<datalist id="partners">')[2]
    client.post(URL, {"to": "charging COMPANY ", "rule": "deny"})
    assert Counterparty.objects.get().other == company
    offered = body(client).partition('<datalist id="partners">')[2]
    assert '<option value="charge">Charging company</option>' in offered
    assert "Third" not in offered


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"to": "nobody", "rule": "deny"}, "No organisation here has this name"),
        ({"to": "charge", "rule": "kill"}, "kill is not one of the available choices"),
        ({"to": "farm", "rule": "deny"}, "does not list itself"),
        ({"to": "", "rule": "deny"}, "This field is required"),
    ],
)
def test_a_wrong_line_is_explained_and_not_kept(client, holder, sent, said):
    page = client.post(URL, sent)
    assert page.status_code == 422
    assert said in page.content.decode()
    assert not Counterparty.objects.exists()


def test_nobody_sees_or_changes_the_list_of_another(client, holder, company):
    client.post(URL, {"to": "charge", "rule": "deny"})
    stranger = register_organisation(name="S", slug="s", roles=["trader"], now=NOW)
    client.force_login(person(stranger, "trader"))
    assert "Charging company" not in body(client)
    assert client.post(URL, {"to": "charge", "rule": "", "as": "farm"}).status_code == 403
    remove = reverse("counterparty_remove", args=["charge"])
    assert client.post(remove, {"as": "farm"}).status_code == 403
    client.post(remove)
    assert Counterparty.objects.get().organisation == holder
    client.logout()
    assert client.get(URL).url.startswith("/log-in/")


def test_a_line_about_nobody_is_404(client, holder):
    assert client.post(reverse("counterparty_remove", args=["ghost"])).status_code == 404
