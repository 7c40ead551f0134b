"""A month's production statement adds up and can be kept as PDF and CSV."""

import csv
from datetime import date

import pytest
from django.urls import reverse

from certificates.models import Membership, Role, User
from certificates.queries.generator.production_statement import AMOUNTS, production_statement
from certificates.services.papers.production_pdf import production_pdf

JANUARY = date(2018, 1, 1)


@pytest.fixture
def owner(client, farm):
    person = User.objects.create(email="owner@example.org")
    Membership.objects.create(user=person, organisation=farm, role=Role.PRODUCER)
    client.force_login(person)
    return client


def test_the_days_add_up_to_the_month_and_the_month_balances(device, produce):
    produce("5", "-1", "7", "2")
    statement = production_statement(device, JANUARY)
    totals = statement.totals
    days = [sums.amounts() for _, sums in statement.days]
    assert [sum(column) for column in zip(*days, strict=True)] == totals.amounts()
    assert totals.generated_wh == totals.issued_wh + totals.waiting_wh + totals.withheld_wh
    kept = totals.held_wh + totals.retired_wh + totals.expired_wh + totals.withdrawn_wh
    assert totals.issued_wh == kept == 14_000


def test_other_months_are_left_out(device, produce):
    produce("5", "7")
    assert not production_statement(device, date(2018, 2, 1)).rows
    assert not production_statement(device, date(2017, 12, 1)).rows


def test_the_csv_has_every_interval(owner, device, produce):
    produce("5", "7")
    answer = owner.get(reverse("generator_statement_csv", args=[device.gsrn, "2018-01"]))
    rows = list(csv.DictReader(answer.getvalue().decode().splitlines()))
    assert [row["interval_start_utc"] for row in rows] == [
        "2018-01-01T00:00:00Z",
        "2018-01-01T01:00:00Z",
    ]
    assert [int(row["generated_wh"]) for row in rows] == [5_000, 7_000]
    assert set(AMOUNTS) <= set(rows[0])


def test_the_pdf_is_tagged_and_a_name_in_it_is_no_markup(owner, device, produce):
    device.name = '#panic("x") *bold* <label> $x$'
    device.save()
    produce("5", "7")
    answer = owner.get(reverse("generator_statement_pdf", args=[device.gsrn, "2018-01"]))
    assert answer.content.startswith(b"%PDF-")
    assert b"/StructTreeRoot" in answer.content
    assert "no-store" in answer["Cache-Control"]


def test_the_same_statement_gives_the_same_bytes(device, produce, now):
    produce("5", "7")
    statement = production_statement(device, JANUARY)
    first, second = (production_pdf(statement, registry="R", now=now) for _ in range(2))
    assert first == second


def test_the_list_leads_to_both_forms(owner, device, produce):
    produce("5", "7")
    body = owner.get(reverse("generator_statements", args=[device.gsrn])).content.decode()
    for name in ("generator_statement_pdf", "generator_statement_csv"):
        assert reverse(name, args=[device.gsrn, "2018-01"]) in body


def test_a_plant_without_readings_has_none(owner, device):
    body = owner.get(reverse("generator_statements", args=[device.gsrn])).content.decode()
    assert "No statement yet" in body


@pytest.mark.parametrize("month", ["2018-02", "2018-13", "x", "9999-12", "0000-01"])
def test_a_month_without_readings_is_not_there(owner, device, produce, month):
    produce("5", "7")
    address = reverse("generator_statement_pdf", args=[device.gsrn, month])
    assert owner.get(address).status_code == 404


def test_anothers_statement_is_not_there(client, device, company, produce):
    produce("5", "7")
    person = User.objects.create(email="other@example.org")
    Membership.objects.create(user=person, organisation=company, role=Role.PRODUCER)
    client.force_login(person)
    for name in ("generator_statement_pdf", "generator_statement_csv"):
        assert client.get(reverse(name, args=[device.gsrn, "2018-01"])).status_code == 404
