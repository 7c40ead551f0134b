"""What went wrong in other registries, and must not here. Each test is one published bug."""

from datetime import UTC, datetime, timedelta

import pytest
from django.conf import settings
from django.db import IntegrityError, transaction

from certificates.domain.bulk_lines import Line
from certificates.domain.selection import Criteria
from certificates.domain.statement import by_hour, totals
from certificates.errors import HoldingRefused, LinesRefused, SelectionRefused
from certificates.models import Lot, Reading, RegistryPolicy, Retirement
from certificates.queries.certificate_number import look_up
from certificates.queries.holding.holdings import held_by_state, held_wh, holdings
from certificates.queries.holding.statement import find_statement, statement_facts
from certificates.queries.lot_data import public_facts
from certificates.services.holding import bulk, cancellations
from certificates.services.holding.bulk import BulkAct
from certificates.services.holding.cancellations import UNDO, cancel
from certificates.services.holding.holds import Change, change_state
from certificates.services.holding.offers import OfferRequest, offer
from certificates.services.holding.transfer import transfer
from certificates.services.issuing.issuance import issue
from certificates.services.meters.readings import import_readings
from certificates.services.plants.devices import register_device
from certificates.tasks import keep_terms
from ledger.chain.memory import MemoryChain
from ledger.errors import KeyReused, LedgerError
from ledger.models import Balance, Entry
from ledger.services.settlement import sweep
from tests.certificates.conftest import NOW, facts, meter_csv
from tests.certificates.services.holding.test_cancellations import ask as ask_use
from tests.certificates.services.issuing.test_corrections import retire, upload


def settle():
    sweep(chain=MemoryChain(chain_id=202611, registry_id=1), clock=lambda: NOW)


def test_parts_of_a_lot_meet_without_a_gap_or_an_overlap(device, produce):
    """A split gave the first part one Wh too many and the second one too few."""
    (lot, _) = produce("1", "2")
    for key, amount in (("a", 250), ("b", 750)):
        retire(device.organisation, amount, key)
    settle()
    lot.refresh_from_db()
    parts = Retirement.objects.order_by("first_renewable_wh")
    stretches = [range(p.first_renewable_wh, p.first_renewable_wh + p.amount_wh) for p in parts]
    numbers = [number for stretch in stretches for number in stretch]
    assert numbers == list(range(lot.first_wh, lot.first_wh + 1_000))


@pytest.mark.parametrize("event", ["reserve", "lock", "release", "unlock"])
def test_no_state_is_changed_without_a_look_at_the_state(device, farm, produce, event):
    """Lock, reserve and withdraw were done whatever the certificate's status was."""
    produce("1", "2")
    asset = holdings(farm)[0].asset_id
    withdraw = Change("withdraw", farm, {asset: 1_000})
    change_state(change=withdraw, key="w", now=NOW)
    with pytest.raises(HoldingRefused):
        change_state(change=Change(event, farm, {asset: 1}), key="k", now=NOW)


@pytest.mark.parametrize(
    ("before", "event"),
    [("reserved", "lock"), ("reserved", "reserve"), ("locked", "reserve"), ("locked", "release")],
)
def test_what_is_reserved_or_locked_is_not_taken_for_what_is_free(
    device, farm, produce, before, event
):
    """The same, where the Wh are there: only their state stands against it."""
    produce("1", "2")
    asset = holdings(farm)[0].asset_id
    first = {"reserved": "reserve", "locked": "lock"}[before]
    change_state(change=Change(first, farm, {asset: 600}), key="f", now=NOW)
    with pytest.raises(HoldingRefused, match=f"These are {before}"):
        change_state(change=Change(event, farm, {asset: 1}, before), key="k", now=NOW)
    assert held_by_state(farm)[before] == 600


def test_certificates_do_expire(device, produce):
    """There was an expiry date and nothing that acted on it."""
    produce("1", "2")
    RegistryPolicy.objects.create(valid_from=datetime(2018, 1, 1, tzinfo=UTC), usable_months=12)
    assert keep_terms() == 3_000
    assert "certificates.keep_terms" in settings.CELERY_BEAT_SCHEDULE


def test_late_data_and_gaps_are_issued_when_they_come(device, produce):
    """Issuance went on from its last interval: whatever came later for before was lost."""
    upload(device, "5", "6", first=10)
    upload(device, "1", "2", first=3)
    upload(device, "3", first=5)
    starts = device.lots.order_by("starts_at").values_list("starts_at__hour", "amount_wh")
    assert list(starts) == [(3, 1_000), (4, 2_000), (5, 3_000), (10, 5_000), (11, 6_000)]


def test_overlapping_uploads_are_refused(device, produce):
    """Two files for one time were both certified."""
    produce("1", "2")
    lines = [f"2018-01-01T00:{minute:02}:00Z,1" for minute in (0, 15, 30, 45)]
    report = import_readings(
        device=device, stream=meter_csv(*lines), name="m", selection={}, now=NOW
    )
    assert (report["accepted"], report["rejected"]) == (0, 4)
    assert issue(device=device, now=NOW).lots == 0


def test_numbers_go_on_from_upload_to_upload(device, produce):
    """Numbers began at 1 with every report."""
    upload(device, "1", "2")
    upload(device, "3", first=2)
    settle()
    firsts = device.lots.order_by("starts_at").values_list("first_wh", flat=True)
    assert list(firsts) == [0, 1_000, 3_000]


def test_lots_of_the_same_size_have_different_names(device, produce):
    """A name was made of the amount, so that equal amounts collided."""
    lots = produce("1", "1", "1")
    assert len({lot.code for lot in lots}) == 3


def test_a_correction_of_a_certified_hour_is_honoured(device, produce):
    """Corrections to an hour that was synchronised were ignored."""
    produce("1", "2")
    settle()
    upload(device, "0.4", "2")
    assert held_wh(device.organisation) == 2_400


def test_nothing_is_called_certified_before_it_is_sealed(device, produce):
    """Readings were marked as certified before the certificate existed."""
    (lot, _) = produce("1", "2")
    assert lot.first_wh is None
    settle()
    lot.refresh_from_db()
    assert lot.first_wh == 0


def test_a_value_out_of_range_is_held_and_never_set_to_nothing(device):
    """Values out of range were replaced with zero."""
    upload(device, "1", "99999", "2")
    held = device.readings.get(status="held")
    assert (held.energy_wh, held.raw_value) == (99_999_000, "99999")


def test_a_day_with_a_changed_clock_keeps_all_its_hours(device):
    """Local time without an offset lost or doubled an hour in spring and autumn."""
    start = datetime(2018, 10, 28, tzinfo=UTC)
    lines = [f"{start + timedelta(hours=n):%Y-%m-%dT%H:%M:%SZ},1" for n in range(25)]
    report = import_readings(
        device=device, stream=meter_csv(*lines), name="m", selection={}, now=NOW
    )
    assert report["accepted"] == 25
    issue(device=device, now=NOW)
    assert Lot.objects.count() == 25


def test_a_withdrawn_certificate_moves_no_more(device, farm, company, produce):
    """A revoked certificate could still be transferred."""
    produce("1", "2")
    asset = holdings(farm)[0].asset_id
    change_state(change=Change("withdraw", farm, {asset: 1_000}), key="w", now=NOW)
    with pytest.raises(LedgerError):
        transfer(key="t", source=farm, destination=company, amounts={asset: 1}, now=NOW)
    assert held_wh(company) == 0


def test_a_long_batch_is_issued_whole_and_the_numbers_advance(device):
    """The loop over a batch ran one too far and always failed; the last id never advanced."""
    start = datetime(2018, 1, 1, tzinfo=UTC)
    lines = [f"{start + timedelta(hours=n):%Y-%m-%dT%H:%M:%SZ},1" for n in range(400)]
    import_readings(device=device, stream=meter_csv(*lines), name="m", selection={}, now=NOW)
    assert issue(device=device, now=NOW).lots == 400
    settle()
    firsts = device.lots.order_by("starts_at").values_list("first_wh", flat=True)
    assert list(firsts) == [n * 1_000 for n in range(400)]


def test_a_lot_names_the_technology_of_its_own_plant(device, farm):
    """The technology was written into the program, the same for all."""
    sun = register_device(
        facts=facts(name="Roof", technology_code="T010100", energy_source_code="F01040100"),
        now=NOW,
        approve=True,
    )
    for each, code in ((device, "T020001"), (sun, "T010100")):
        upload(each, "1", "1", first=11)
        assert {public_facts(lot)["technology"] for lot in each.lots.all()} == {code}


def test_an_incomplete_row_is_named_with_its_line_and_never_dropped(device):
    """Rows with an empty cell vanished before anybody looked at them."""
    lines = [f"2018-01-01T{hour:02}:00:00Z,1" for hour in range(5)]
    lines[1:3] = ["2018-01-01T01:00:00Z,", ",5"]
    report = import_readings(
        device=device, stream=meter_csv(*lines), name="m", selection={}, now=NOW
    )
    assert (report["rows"], report["accepted"], report["rejected"]) == (5, 3, 2)
    assert [error["line"] for error in report["errors"]] == [3, 4]
    assert all(error["field"] and error["reason"] for error in report["errors"])


def test_two_readings_of_one_day_are_both_looked_at(device):
    """Where two readings fell on one day, the test of plausibility was passed over."""
    upload(device, "1", "99999", "99999")
    assert device.readings.filter(status="held").count() == 2


def test_one_interval_of_a_device_is_issued_once_even_past_the_program(device, produce):
    """Issuance ids that came twice were not noticed."""
    (lot, _) = produce("1", "2")
    assert issue(device=device, now=NOW).lots == 0
    entry = Entry.objects.create(key="x", kind="issue", content_hash=bytes(32), posted_at=NOW)
    lot.pk, lot.code, lot.entry = None, "f" * 40, entry
    with pytest.raises(IntegrityError), transaction.atomic():
        lot.save()


def test_a_certificate_leads_to_its_meter_line_and_back(device, produce):
    """Nobody could say which reading became which certificate."""
    for lot in produce("1", "2"):
        reading = Reading.objects.get(lots=lot)
        assert (reading.starts_at, reading.energy_wh) == (lot.starts_at, lot.amount_wh)
        assert (reading.file.name, reading.line) == ("m.csv", lot.starts_at.hour + 2)


def test_an_act_over_many_names_each_line_that_cannot_be(farm, company, produce):
    """A claim of many failed as a whole with "internal error", and did not say whose it was."""
    produce("1", "2", "3")
    lines = [Line(n, each.code, 5_000) for n, each in enumerate(holdings(farm), start=1)]
    lines[1] = Line(2, "f" * 40, 1)
    act = BulkAct("transfer", farm, lines, to=company)
    with pytest.raises(LinesRefused) as caught:
        bulk.carry_out(act=act, key="k", now=NOW, actor="test")
    told = [(each.line, each.field) for each in caught.value.lines]
    assert told == [(1, "amount_wh"), (2, "asset"), (3, "amount_wh")]
    assert "1000 Wh" in caught.value.lines[0].message
    assert held_wh(farm) == 6_000


def test_a_claim_that_comes_twice_is_one_claim(device, produce):
    """A double click claimed twice, and both were shown."""
    produce("1", "2")
    retire(device.organisation, 400, "claim")
    retire(device.organisation, 400, "claim")
    assert Retirement.objects.get().amount_wh == 400
    with pytest.raises(KeyReused):
        retire(device.organisation, 500, "claim")


def test_what_is_shown_as_used_is_what_the_book_says(device, produce):
    """The volume claimed was kept beside the ledger, and showed 0."""
    (lot, _) = produce("1", "2")
    retire(device.organisation, 400)
    settle()
    (hour, *_) = look_up(device, 0).hours
    booked = Balance.objects.get(account__system="retired", asset__lot_asset__lot=lot).amount
    shown = {each.attribute: each.stretch.end - each.stretch.first for each in hour.retired}
    assert set(shown.values()) == {booked} == {400}


def test_a_part_of_a_lot_moves_and_keeps_where_it_came_from(farm, company, produce):
    """A certificate could only be passed on whole."""
    (lot, _) = produce("1", "2")
    mine = holdings(farm)[0]
    transfer(key="t", source=farm, destination=company, amounts={mine.asset_id: 1}, now=NOW)
    (theirs,) = holdings(company)
    assert (theirs.code, theirs.lot_id, theirs.amount_wh) == (mine.code, lot.pk, 1)
    assert holdings(farm)[0].amount_wh == 999


def test_withdrawn_certificates_are_not_passed_on(device, farm, company, produce):
    """Revoked certificates could still be transferred."""
    produce("1", "2")
    amounts = {row.asset_id: row.amount_wh for row in holdings(farm)}
    change_state(change=Change("withdraw", farm, amounts), key="w", now=NOW)
    with pytest.raises(SelectionRefused):
        offer(request=OfferRequest(farm, company, Criteria(), "k"), now=NOW)


def test_a_bulk_that_fails_says_which_ones_and_moves_none(device, farm, company, produce):
    """A bulk claim answered with an error of the server, without saying which were not yours."""
    produce("1", "2")
    one, two = (row.asset_id for row in holdings(farm))
    picked = Criteria(picked={one: 1_000, two: 2_001, 10**9: 5})
    with pytest.raises(SelectionRefused) as caught:
        offer(request=OfferRequest(farm, company, picked, "k"), now=NOW)
    assert f"certificate {two}: 2000 Wh held, 2001 Wh asked" in str(caught.value)
    assert f"certificate {10**9}: 0 Wh held" in str(caught.value)
    assert f"certificate {one}:" not in str(caught.value)
    assert held_wh(farm) == 3_000


def test_the_same_request_twice_is_one_cancellation(device, farm, produce):
    """A repeated request was claimed, and shown, twice."""
    produce("1", "2")
    for _ in range(2):
        cancel(request=ask_use(farm), now=NOW)
    assert Retirement.objects.count() == 2
    assert held_wh(farm) == 0


def test_one_statement_covers_many_lots_with_totals(device, farm, produce):
    """A statement could name one bundle only."""
    produce("1", "2", "3")
    made = cancel(request=ask_use(farm), now=NOW)
    said = statement_facts(made, url="https://x", registry="R", now=NOW)
    assert [wh for _, wh in totals(said.lines, by_hour)] == [1_000, 2_000, 3_000]


def test_the_amount_of_a_statement_is_what_was_used_not_what_was_asked(device, farm, produce):
    """Receipts showed a wrong quantity, kept beside the ledger."""
    produce("1", "2")
    made = cancel(request=ask_use(farm), now=NOW, undo_for=UNDO)
    upload(device, "0.4", "2")
    cancellations.carry_out(cancellation=made, now=NOW + UNDO)
    said = statement_facts(made, url="https://x", registry="R", now=NOW)
    assert said.amount_wh == sum(Retirement.objects.values_list("amount_wh", flat=True)) == 2_400


def test_who_pays_is_not_who_benefits_and_the_address_still_holds(device, farm, produce):
    """The link was broken where beneficiary and payer differed."""
    produce("1", "2")
    made = cancel(request=ask_use(farm), now=NOW)
    assert made.beneficiary != made.holder.name
    assert find_statement(made.public_id) == made
