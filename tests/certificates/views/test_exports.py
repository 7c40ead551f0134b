"""Every list as a file, of one's own organisation alone."""

import json

import pytest
from django.db.models import Sum
from django.urls import reverse

from certificates.models import Offer, OwnRetirement
from certificates.queries.every_list import LISTINGS
from certificates.services.holding.agreements import agree
from certificates.services.holding.cancellations import cancel
from certificates.services.holding.offers import offer
from ledger.domain import workbook
from ledger.models import Balance
from ledger.services import long_lists
from tests.certificates.conftest import NOW
from tests.certificates.services.holding.test_cancellations import ask as ask_use
from tests.certificates.services.holding.test_offers import Criteria
from tests.certificates.services.holding.test_offers import ask as ask_offer
from tests.certificates.views.holder.test_holdings import person
from tests.fixtures.api import trail
from tests.fixtures.lists import KINDS, sum_of
from tests.fixtures.lists import rows_of as read
from tests.trail_storage import store

__all__ = ["trail"]
PRODUCER = "producer"


@pytest.fixture
def holder(client, farm, device, company, produce):
    agree(device=device, to=company, share_ppm=100_000, now=NOW)
    produce("1", "2", "3")
    some = Criteria(amount_wh=500)
    offer(request=ask_offer(farm, company, criteria=some, message="=HYPERLINK(1)"), now=NOW)
    cancel(request=ask_use(farm, criteria=some), now=NOW)
    lot = device.lots.first()
    OwnRetirement.objects.create(
        entry=lot.entry, lot=lot, mask=3, amount_wh=1, organisation=farm, retired_at=NOW
    )
    client.force_login(person(farm, "producer"))
    return farm


def body(client, name, kind, slug="farm"):
    answer = client.get(reverse("export", args=[name, kind]))
    assert answer.status_code == 200
    assert f'"{slug}-{name}.{kind}"' in answer["Content-Disposition"]
    return b"".join(answer.streaming_content)


def rows_of(client, name, kind, slug="farm"):
    return read(body(client, name, kind, slug), kind)


@pytest.mark.parametrize("name", LISTINGS)
def test_the_four_files_of_a_list_have_the_same_rows(name, client, trail):
    """Every list has at least the trail's one row, of the producer or the company."""
    store(trail)
    seen = 0
    for organisation, role in ((trail.producer, PRODUCER), (trail.company, "charging_company")):
        client.force_login(person(organisation, role))
        slug = organisation.slug
        rows = rows_of(client, name, "json", slug)
        seen += len(rows)
        assert rows_of(client, name, "ndjson", slug) == rows
        for kind in ("csv", "xlsx"):
            others = rows_of(client, name, kind, slug)
            assert [list(one) for one in others] == [LISTINGS[name].names] * len(rows)
            assert [sum_of(one) for one in others] == [sum_of(one) for one in rows]
    assert seen


def test_what_is_listed_adds_up(client, holder):
    rows = {name: rows_of(client, name, "json") for name in LISTINGS}
    assert sum(row["amount_wh"] for row in rows["holdings"]) == 5_400 - 1_000
    assert sum(row["amount_wh"] for row in rows["lots"]) == 6_000
    assert sum(row["amount_wh"] for row in rows["retirements"]) == 500
    assert rows["offers"][0]["message"] == "=HYPERLINK(1)"
    assert b"'=HYPERLINK(1)" in body(client, "offers", "csv")


def test_others_lists_are_not_there(client, holder, company):
    client.force_login(person(company, "charging_company"))
    assert client.get(reverse("export", args=["lots", "csv"]) + "?as=farm").status_code == 403
    answer = client.get(reverse("export", args=["lots", "json"]))
    assert json.loads(b"".join(answer.streaming_content)) == []


@pytest.mark.parametrize(("name", "kind"), [("secrets", "csv"), ("lots", "exe")])
def test_what_is_no_list_or_file_is_404(name, kind, client, holder):
    assert client.get(reverse("export", args=[name, kind])).status_code == 404


def test_more_rows_than_a_sheet_holds_are_refused_with_a_way_out(client, holder, monkeypatch):
    monkeypatch.setattr(workbook, "MOST_ROWS", 2)
    answer = client.get(reverse("export", args=["lots", "xlsx"]))
    assert answer.status_code == 422
    assert b"Take the CSV file" in answer.content


def test_a_long_list_is_sent_to_one_person_once_at_a_time(client, holder, monkeypatch):
    monkeypatch.setattr(long_lists, "LONG", 2)
    monkeypatch.setattr(long_lists, "WAIT_S", 0)
    address = reverse("export", args=["lots", "csv"])
    first = client.get(address)
    again = client.get(address)
    assert (again.status_code, again["Retry-After"]) == (429, "60")
    assert b"on its way to you" in again.content
    assert "Content-Disposition" not in again
    assert client.get(reverse("export", args=["offers", "csv"])).status_code == 200
    assert len(b"".join(first.streaming_content).splitlines()) == 4
    assert len(b"".join(client.get(address).streaming_content).splitlines()) == 4


def test_names_of_any_script_reach_a_spreadsheet_as_they_are(client, holder):
    name = 'ווינד "فارم" 風\n=x, \u202e;'
    holder.devices.update(name=name)
    assert body(client, "lots", "csv").startswith(b"\xef\xbb\xbflot,")
    for kind in KINDS:
        assert {row["plant"] for row in rows_of(client, "lots", kind)} == {name}


def test_a_huge_number_stays_exact(client, holder):
    Offer.objects.update(amount_wh=2**62 + 1)
    for kind in ("csv", "xlsx", "json"):
        (row,) = rows_of(client, "offers", kind)
        assert int(row["amount_wh"]) == 2**62 + 1


def test_the_lists_add_up_to_what_the_page_and_the_book_say(client, holder):
    held = sum(int(row["amount_wh"]) for row in rows_of(client, "holdings", "xlsx"))
    balances = Balance.objects.filter(account=holder.account_id, amount__gt=0)
    assert held == balances.aggregate(wh=Sum("amount"))["wh"]
    page = client.get(reverse("holdings"))
    assert page.context["held_wh"] == held
    for name in LISTINGS:
        assert reverse("export", args=[name, "xlsx"]) in page.content.decode()
