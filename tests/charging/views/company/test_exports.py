"""Every list of a company as a file, of one's own company alone, adding up to what is kept."""

import pytest
from django.db.models import Sum
from django.urls import reverse

from certificates.models import Membership, User
from charging.models import Allocation, Session, SessionRow
from charging.queries.company.exports import LISTINGS
from tests.fixtures.api import other, trail
from tests.fixtures.lists import KINDS, rows_of, sum_of

__all__ = ["other", "trail"]


@pytest.fixture
def desk(client, trail, other):
    person = User.objects.create_user("fleet@example.org", "x")
    Membership.objects.create(user=person, organisation=trail.company, role="charging_company")
    trail.company.standing_wishes.create(
        kind="token", mark=bytes(32), name="Card", valid_from=trail.now, set_at=trail.now
    )
    client.force_login(person)
    return client


def rows(desk, name, kind="json"):
    answer = desk.get(reverse("company-list", args=[name, kind]))
    assert answer.status_code == 200
    assert answer["Content-Disposition"].endswith(f'-{name}.{kind}"')
    return rows_of(b"".join(answer.streaming_content), kind)


@pytest.mark.parametrize("name", LISTINGS)
def test_the_four_files_of_a_list_have_the_same_rows(name, desk):
    first = rows(desk, name)
    assert len(first) == 1, "one trail is the company's, the other another's"
    for kind in KINDS:
        others = rows(desk, name, kind)
        assert [list(one) for one in others] == [LISTINGS[name].names]
        assert [sum_of(one) for one in others] == [sum_of(one) for one in first]


def test_the_lists_add_up_to_what_the_registry_keeps(desk, trail):
    charged = Session.objects.filter(claimant=trail.company).aggregate(wh=Sum("energy_wh"))["wh"]
    assert sum(row["energy_wh"] for row in rows(desk, "charges")) == charged
    assert sum(row["energy_wh"] for row in rows(desk, "charge-hours")) == charged
    standing = Allocation.objects.standing().filter(run__organisation=trail.company)
    used = standing.aggregate(wh=Sum("retirement__amount_wh"))["wh"]
    assert used
    assert sum(row["amount_wh"] for row in rows(desk, "matched")) == used


def test_a_row_that_a_stranger_wrote_is_no_formula(desk, trail):
    SessionRow.objects.update(raw="=HYPERLINK(1)", reasons=["+1", "שלום"])
    (row,) = rows(desk, "session-rows", "csv")
    assert (row["row"], row["reasons"]) == ("'=HYPERLINK(1)", '["+1", "שלום"]')
    (row,) = rows(desk, "session-rows", "xlsx")
    assert row["row"] == "=HYPERLINK(1)"


def test_the_page_names_every_list_and_the_desk_leads_there(desk):
    page = desk.get(reverse("company-lists")).text
    for name in LISTINGS:
        assert reverse("company-list", args=[name, "xlsx"]) in page
    assert reverse("company-lists") in desk.get(reverse("company-sessions")).text


def test_who_acts_for_no_company_gets_none(client, db):
    client.force_login(User.objects.create_user("nobody@example.org", "x"))
    assert client.get(reverse("company-lists")).status_code == 403
    assert client.get(reverse("company-list", args=["charges", "csv"])).status_code == 403


@pytest.mark.parametrize(("name", "kind"), [("secrets", "csv"), ("charges", "exe")])
def test_what_is_no_list_or_file_is_404(name, kind, desk):
    assert desk.get(reverse("company-list", args=[name, kind])).status_code == 404
