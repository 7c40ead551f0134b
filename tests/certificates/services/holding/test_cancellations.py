"""Certificates of many lots are used for one beneficiary, at once or after a time to undo it."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction

from certificates.domain.selection import Criteria
from certificates.domain.statement import document
from certificates.errors import CancellationRefused, SelectionChanged, SelectionRefused
from certificates.models import Cancellation, Notice, Retirement
from certificates.queries.holding.holdings import held_wh
from certificates.queries.holding.selecting import select
from certificates.queries.holding.statement import find_statement, statement_facts
from certificates.queries.readings.mass_balance import mass_balance
from certificates.services.holding.cancellation_retiring import fields_of
from certificates.services.holding.cancellations import (
    UNDO,
    Beneficiary,
    CancellationRequest,
    cancel,
    carry_out,
    carry_out_due,
    undo,
)
from certificates.services.holding.transfer import transfer
from certificates.services.papers.statement_pdf import statement_pdf
from ledger.chain.memory import MemoryChain
from ledger.domain.commitment import commit, field_salt, fields_root
from ledger.errors import KeyReused, Overdrawn
from ledger.models import OutboxItem
from ledger.services.reconciliation import compare
from ledger.services.settlement import sweep
from ledger.services.settlement.failing import fail
from ledger.signals import entries_failed
from tests.certificates.conftest import NOW
from tests.certificates.services.issuing.test_corrections import YEAR, upload

NEW_YEAR = datetime(2018, 1, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)
ACME = Beneficiary(
    kind="organisation",
    name="Acme Ltd",
    address="1 High Street, Perth",
    country="GB",
    location="Perth works",
    purpose="Electricity of an office",
    consumption_starts_at=YEAR[0],
    consumption_ends_at=YEAR[1],
)


@pytest.fixture
def lots(device, produce):
    return produce("1", "2", "3")


def ask(holder, key="k", criteria=None, beneficiary=ACME, seen=""):
    return CancellationRequest(holder, criteria or Criteria(), beneficiary, key, seen)


def use(holder, key="k", undo_for=None, **more):
    return cancel(request=ask(holder, key, **more), now=NOW, undo_for=undo_for)


def said(made, now=NOW):
    facts = statement_facts(made, url="https://r.example/s/x", registry="Registry", now=now)
    return document(facts)


def settle():
    chain = MemoryChain(chain_id=202611, registry_id=1)
    sweep(chain=chain, clock=lambda: NOW)
    assert compare(chain).differences == ()


def test_what_is_used_is_retired_lot_by_lot_for_the_beneficiary(device, farm, lots):
    made = use(farm, criteria=Criteria(amount_wh=2_500))
    rows = Retirement.objects.filter(reference=made.reference).order_by("lot__starts_at")
    assert [(r.amount_wh, r.beneficiary) for r in rows] == [
        (1_000, "Acme Ltd"),
        (1_500, "Acme Ltd"),
    ]
    assert {r.claimant for r in rows} == {farm}
    assert (made.status, held_wh(farm)) == ("done", 3_500)
    settle()
    assert all(row.is_balanced for row in mass_balance(device, *YEAR))


def test_a_double_click_uses_once_and_a_key_stands_for_one_request(farm, lots):
    first = use(farm, criteria=Criteria(amount_wh=500))
    assert use(farm, criteria=Criteria(amount_wh=500)) == first
    assert held_wh(farm) == 5_500
    with pytest.raises(KeyReused):
        use(farm, criteria=Criteria(amount_wh=500), beneficiary=replace(ACME, name="Other"))


def test_a_scheduled_one_waits_where_nobody_reaches_it_and_can_be_undone(farm, company, lots):
    made = use(farm, undo_for=UNDO)
    assert (made.status, held_wh(farm), made.due_at) == ("scheduled", 0, NOW + UNDO)
    assert not Retirement.objects.exists()
    asset = lots[0].assets.get().asset_id
    with pytest.raises(Overdrawn):
        transfer(key="t", source=farm, destination=company, amounts={asset: 1}, now=NOW)
    undone = undo(cancellation=made, by=farm, now=NOW + UNDO - HOUR / 3600)
    assert (undone.status, held_wh(farm)) == ("undone", 6_000)
    assert undo(cancellation=made, by=farm, now=NOW).status == "undone"
    with pytest.raises(CancellationRefused, match="must be scheduled"):
        carry_out(cancellation=made, now=NOW + UNDO)
    settle()


def test_after_its_time_it_is_carried_out_once_and_stays(farm, lots):
    made = use(farm, undo_for=UNDO)
    with pytest.raises(CancellationRefused, match="can be undone until"):
        carry_out(cancellation=made, now=NOW)
    assert carry_out_due(now=NOW + UNDO - timedelta(seconds=1)) == 0
    assert carry_out_due(now=NOW + UNDO) == 1
    assert carry_out_due(now=NOW + UNDO) == 0
    assert carry_out(cancellation=made, now=NOW + UNDO).status == "done"
    assert sum(Retirement.objects.values_list("amount_wh", flat=True)) == 6_000
    with pytest.raises(CancellationRefused, match="are used"):
        undo(cancellation=made, by=farm, now=NOW + UNDO)
    settle()


def test_only_the_holder_undoes(farm, company, lots):
    made = use(farm, undo_for=UNDO)
    with pytest.raises(CancellationRefused, match="Only the holder"):
        undo(cancellation=made, by=company, now=NOW)


def test_what_a_correction_took_meanwhile_is_not_used_and_told(device, farm, lots):
    made = use(farm, undo_for=UNDO)
    upload(device, "0.4", "2", "3")
    carry_out_due(now=NOW + UNDO)
    answer = said(made)
    assert (answer["volume"]["wh"], answer["state"]["asked_wh"]) == (5_400, 6_000)
    assert answer["state"]["deficit_wh"] == 0
    assert "only 5400 Wh" in Notice.objects.get(kind="cancellation").message


def test_one_that_lost_everything_ends_empty(device, farm, lots):
    made = use(farm, undo_for=UNDO, criteria=Criteria(ends_at=NEW_YEAR + HOUR))
    upload(device, "0", "2", "3")
    carry_out_due(now=NOW + UNDO)
    made.refresh_from_db()
    assert (made.status, said(made)["state"]["now"]) == ("empty", "nothing")


def test_what_the_chain_refuses_is_held_again(farm, lots):
    made = use(farm, undo_for=UNDO)
    carry_out_due(now=NOW + UNDO)
    item = OutboxItem.objects.filter(kind="settle").first()
    entries_failed.send(sender=None, entry_ids=fail(item=item, reason="x", now=NOW), reason="x")
    made.refresh_from_db()
    assert held_wh(farm) + said(made)["volume"]["wh"] == 6_000
    assert held_wh(farm) > 0
    assert "you hold them again" in Notice.objects.get(kind="cancellation").message


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"kind": "cat"}, "kind of beneficiary"),
        ({"name": " "}, "Name the beneficiary"),
        ({"purpose": ""}, "what the certificates are used for"),
        ({"country": "GBR"}, "two letters"),
        ({"country": "ÄÖ"}, "two letters"),
        ({"consumption_ends_at": YEAR[0]}, "ends before it starts"),
        ({"consumption_ends_at": datetime(2019, 1, 1)}, "time zone"),  # noqa: DTZ001
        ({"note": "x" * 501}, "at most 500"),
    ],
)
def test_a_beneficiary_that_cannot_be_is_refused(changes, words, farm, lots):
    with pytest.raises(CancellationRefused, match=words):
        use(farm, beneficiary=replace(ACME, **changes))
    assert held_wh(farm) == 6_000


def test_the_holder_itself_needs_no_name(farm, lots):
    assert use(farm, beneficiary=replace(ACME, kind="self", name="")).beneficiary == "Wind farm"


def test_a_person_is_named_on_the_statement_and_nowhere_public(farm, lots):
    made = use(farm, beneficiary=replace(ACME, kind="person", name="Ada Example"))
    assert said(made)["beneficiary"]["name"] == "Ada Example"
    assert not Retirement.objects.filter(beneficiary__contains="Ada").exists()


def test_what_is_used_is_what_was_shown(farm, company, lots):
    shown = select(farm, Criteria()).mark
    asset = lots[0].assets.get().asset_id
    transfer(key="t", source=farm, destination=company, amounts={asset: 1}, now=NOW)
    with pytest.raises(SelectionChanged):
        use(farm, seen=shown)
    with pytest.raises(SelectionRefused):
        use(farm, criteria=Criteria(amount_wh=6_000))


def test_the_chain_keeps_a_commitment_to_the_statement_s_fields(farm, lots):
    made = use(farm, criteria=Criteria(amount_wh=1_000))
    key = bytes(made.disclosure_key)
    row = Retirement.objects.get()
    salt = field_salt(key, row.entry.key, "interval")
    root = fields_root(fields_of(made), key, made.reference)
    digest = OutboxItem.objects.get(entry=row.entry).digest
    assert bytes(digest) == commit(root, "2018-01-01T00:00Z/PT60M", salt)
    assert fields_of(made)["beneficiary"] == "Acme Ltd"


def test_the_statement_is_a_function_of_the_ledger(device, farm, lots):
    made = use(farm)
    before = said(made)
    assert (before["state"]["now"], before["volume"]["mwh"]) == ("pending", "0.006000")
    assert {line["renewable_wh_numbers"] for line in before["certificates"]} == {None}
    settle()
    after = said(find_statement(made.public_id))
    assert after["state"]["now"] == "certified"
    numbers = [line["renewable_wh_numbers"] for line in after["certificates"]]
    ranges = sorted((n["from"], n["to"]) for n in numbers)
    assert ranges[0][0] == 0
    assert ranges[-1][1] == 5_999
    assert [one[1] + 1 for one in ranges[:-1]] == [two[0] for two in ranges[1:]]
    assert after["statement"]["number"] == f"2019-{made.pk:06d}"
    assert after["statement"]["transferable"] is False


def test_totals_by_hour_plant_and_country_are_the_whole(device, farm, lots):
    answer = said(use(farm))
    whole = answer["volume"]["wh"]
    for rows in answer["totals"].values():
        assert sum(row["wh"] for row in rows) == whole == 6_000
    assert next(row["starts_at"] for row in answer["totals"]["hours"]) == "2018-01-01T00:00:00Z"
    assert answer["totals"]["countries"] == [{"country": "GB", "wh": 6_000}]
    assert answer["devices"][0]["technology_code"] == "T020001"
    assert answer["volume"]["emissions_ug_co2e"] == 6_000 * 11_000


def test_a_later_correction_shows_as_a_deficit(device, farm, lots):
    made = use(farm)
    upload(device, "0.3", "2", "3")
    answer = said(made)
    assert answer["state"]["deficit_wh"] == 700
    assert answer["state"]["deficits"][0]["starts_at"] == "2018-01-01T00:00:00Z"
    assert answer["volume"]["wh"] == 6_000


def test_the_statement_prints_as_a_tagged_pdf_that_says_the_same_twice(device, farm, lots):
    made = use(farm, beneficiary=replace(ACME, name='Acme "#[*_$` Ltd', note="\\ #read() <a>"))
    facts = statement_facts(made, url="https://r.example/s/x", registry="Registry", now=NOW)
    pdf = statement_pdf(facts, now=NOW)
    assert pdf.startswith(b"%PDF-")
    assert b"StructTreeRoot" in pdf
    assert b"pdfuaid" in pdf
    assert pdf == statement_pdf(facts, now=NOW)
    json.dumps(document(facts))


def test_a_scheduled_statement_prints_too(farm, lots):
    facts = statement_facts(use(farm, undo_for=UNDO), url="https://x", registry="R", now=NOW)
    assert facts.state == "scheduled"
    assert statement_pdf(facts, now=NOW).startswith(b"%PDF-")


def test_the_database_refuses_a_cancellation_without_a_period_or_end(farm, lots):
    made = use(farm)
    for changes in (
        {"ended_at": None},
        {"country": "gb"},
        {"amount_wh": 0},
        {"consumption_ends_at": YEAR[0]},
        {"status": "scheduled", "ended_at": None},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            Cancellation.objects.filter(pk=made.pk).update(**changes)
