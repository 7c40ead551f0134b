"""Every list as a file, of one's own organisation alone."""

import csv
import io
import json

import pytest
import python_calamine
from django.urls import reverse

from certificates.models import OwnRetirement
from certificates.queries.holding.exports import LISTINGS
from certificates.services.holding.agreements import agree
from certificates.services.holding.cancellations import cancel
from certificates.services.holding.offers import offer
from certificates.services.papers import xlsx_export
from tests.certificates.conftest import NOW
from tests.certificates.services.holding.test_cancellations import ask as ask_use
from tests.certificates.services.holding.test_offers import Criteria
from tests.certificates.services.holding.test_offers import ask as ask_offer
from tests.certificates.views.holder.test_holdings import person


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


def body(client, name, kind):
    answer = client.get(reverse("export", args=[name, kind]))
    assert answer.status_code == 200
    assert f"farm-{name}.{kind}" in answer["Content-Disposition"]
    return b"".join(answer.streaming_content)


@pytest.mark.parametrize("name", LISTINGS)
def test_the_four_files_of_a_list_have_the_same_rows(name, client, holder):
    rows = json.loads(body(client, name, "json"))
    assert rows
    assert [json.loads(line) for line in body(client, name, "ndjson").splitlines()] == rows
    text = io.StringIO(body(client, name, "csv").decode(), newline="")
    lines = list(csv.reader(text))
    assert lines[0] == list(rows[0]) == LISTINGS[name].names
    assert len(lines) == len(rows) + 1
    book = python_calamine.load_workbook(io.BytesIO(body(client, name, "xlsx")))
    sheet = book.get_sheet_by_index(0).to_python()
    assert (sheet[0], len(sheet)) == (lines[0], len(lines))


def test_what_is_listed_adds_up(client, holder):
    rows = {name: json.loads(body(client, name, "json")) for name in LISTINGS}
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
    monkeypatch.setattr(xlsx_export, "MOST_ROWS", 2)
    answer = client.get(reverse("export", args=["lots", "xlsx"]))
    assert answer.status_code == 422
    assert b"Take the CSV file" in answer.content
