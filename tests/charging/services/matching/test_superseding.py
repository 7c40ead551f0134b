"""A credited charge: what was retired for it stays retired, and nobody claims it again."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.db.models import Sum

from certificates.models import Retirement
from charging.domain.ocpi.document import read_object
from charging.models import Allocation, Cdr, Receipt, Session, SupersededAllocation
from charging.queries.ocpi.energy_mix import mixes_of_locations, mixes_of_tariffs
from charging.queries.receipts.facts import ReceiptState
from charging.queries.receipts.proof import receipt_proof
from charging.queries.receipts.receipt import find_receipt, receipt
from charging.services.matching.runs import match
from charging.services.matching.superseding import Reason, void_claim
from charging.services.ocpi import objects as ocpi_objects
from charging.services.ocpi.cdrs import receive_cdr
from charging.services.ocpi.log import Sent
from charging.services.sessions.corrections import Correction, correct_session
from ledger.chain.opening import STORE_NAME
from ledger.chain.store import SQLiteStore
from ledger.chain.verify import verify as verify_chain
from ledger.domain.proof.files import dump, parse
from ledger.domain.proof.verification import verify
from ledger.errors import ProofUnavailable
from ledger.models import Batch, VoidClaim
from ledger.services.reconciliation import reconcile
from ledger.services.settlement import settle
from tests.charging.api.ocpi.conftest import cdr, connect, credit, example
from tests.charging.plant import generate, register_plant, share_all
from tests.ledger.chain.chains import Clock

TEN = datetime(2018, 6, 1, 10, tzinfo=UTC)
DAY = (datetime(2018, 6, 1, tzinfo=UTC), datetime(2018, 6, 2, tzinfo=UTC))


def british(uid: str, kwh: int, make=cdr, **changes):
    made = make(
        uid,
        country_code="GB",
        party_id="COU",
        start_date_time="2018-06-01T10:00:00Z",
        end_date_time="2018-06-01T11:00:00Z",
        total_energy=kwh,
        **changes,
    )
    made["cdr_location"]["country"] = "GBR"
    return made


@pytest.fixture
def connection(company, great_britain):
    return connect(company, "GB*COU")


@pytest.fixture
def send(connection, now):
    def sending(document, module="cdrs"):
        data = json.dumps(document).encode()
        sent = Sent(connection, "2.2.1", "POST", module, data, now)
        receive_cdr(sent=sent, document=read_object(data))
        return Cdr.objects.latest("pk")

    return sending


@pytest.fixture
def chain(data_dir, quick_keys):
    """A chain of this test alone."""


@pytest.fixture
def matched(producer, company, now, send):
    """10 kWh charged at ten, 30 generated then, all matched."""
    device = register_plant(producer, now)
    share_all(device, company, now)
    generate(device, TEN, ["30", "5"], now)
    send(british("C1", 10))
    run(company, now)


def run(company, now):
    return match(organisation=company, starts_at=DAY[0], ends_at=DAY[1], now=now)


def covered(session) -> int:
    rows = Allocation.objects.standing().filter(session_hour__session=session)
    return rows.aggregate(wh=Sum("retirement__amount_wh"))["wh"] or 0


def credited(uid: str, of: str, kwh: int):
    return british(uid, kwh, make=lambda u, **more: credit(of, u, **more))


def test_a_cdr_is_matched_and_a_provisional_session_is_not(matched, company):
    assert covered(Session.objects.get()) == 10_000


def test_what_was_not_sent_yet_is_given_back(matched, send, company, now):
    send(credited("CC", "C1", 10))
    assert not Retirement.objects.standing().exists()
    assert not SupersededAllocation.objects.exists()
    assert run(company, now).matched_wh == 0


def test_what_is_settled_stays_retired_without_a_claim(matched, send, company, now, chain):
    settle(clock=Clock())
    send(credited("CC", "C1", 10))
    retired = Retirement.objects.standing().aggregate(wh=Sum("amount_wh"))["wh"]
    assert retired == 10_000
    superseded = SupersededAllocation.objects.get()
    assert superseded.reason == Reason.CREDITED
    assert superseded.receipt.version == 2
    assert covered(Session.objects.get()) == 0
    assert run(company, now).matched_wh == 0


def test_the_right_cdr_is_matched_with_other_wh(matched, send, company, now, chain):
    settle(clock=Clock())
    send(british("C2", 8))
    send(credited("CC", "C1", 10))
    report = run(company, now)
    live = Session.objects.get(voided_at__isnull=True)
    assert (live.energy_wh, covered(live)) == (8_000, 8_000)
    assert (report.demand_wh, report.matched_wh) == (8_000, 8_000)
    retired = Retirement.objects.standing().aggregate(wh=Sum("amount_wh"))["wh"]
    assert retired == 18_000  # of 30,000 generated; the first ten are nobody's any more
    settle(clock=Clock())
    firsts = Retirement.objects.standing().values_list("first_renewable_wh", "amount_wh")
    assert sorted(firsts) == [(0, 10_000), (10_000, 8_000)]


def test_each_version_of_the_receipt_says_what_it_is(
    matched, send, now, company, data_dir, quick_keys
):
    settle(clock=Clock())
    send(credited("CC", "C1", 10))
    first, second = Receipt.objects.order_by("version")
    assert receipt(first.public_id, now).state == ReceiptState.SUPERSEDED
    facts = receipt(second.public_id, now)
    assert (facts.state, facts.tracked_wh, facts.is_final) == (ReceiptState.VOIDED, 0, True)
    assert facts.older.public_id == first.public_id
    assert [item.state for hour in facts.hours for item in hour.fallen] == ["superseded"]
    with pytest.raises(ProofUnavailable):
        receipt_proof(first)
    send(british("C2", 8))
    run(company, now)
    third = find_receipt("S1")
    assert third.version == 3
    assert receipt(third.public_id, now).older.public_id == second.public_id
    assert receipt(second.public_id, now).state == ReceiptState.SUPERSEDED


def test_the_sealed_books_say_that_the_claim_is_void(matched, send, now, chain, settings, company):
    settle(clock=Clock())
    (before,) = Receipt.objects.all()
    kept = dump(receipt_proof(before))
    height = receipt(before.public_id, now).blocks[0].height
    send(credited("CC", "C1", 10))
    first, second = Receipt.objects.order_by("version")
    for version in (first, second):
        facts = receipt(version.public_id, now)
        assert (facts.void.claims, facts.void.recorded, facts.void.block_height) == (1, 0, None)
    report = settle(clock=Clock())
    assert (report.certified, report.failed, report.height) == (1, 0, height + 1)
    batch = Batch.objects.get(kind="supersede")
    assert (batch.status, batch.block.height) == ("sealed", height + 1)
    for version in (first, second):
        facts = receipt(version.public_id, now)
        assert (facts.void.is_complete, facts.void.block_height) == (True, height + 1)
        assert [block.height for block in facts.blocks] == [height]
    assert VoidClaim.objects.get().reason == Reason.CREDITED
    # Whoever kept the proof still has a valid one, of the block that it names.
    verdict = verify(parse(kept))
    assert verdict.valid
    assert verdict.statement.block == height
    assert reconcile().differences == ()
    store = SQLiteStore(Path(settings.CHAIN_DIR) / STORE_NAME, writable=False)
    try:
        replayed = verify_chain(store, chain_id=settings.CHAIN_ID, sealers=None)
    finally:
        store.close()
    assert (replayed.deviation, replayed.blocks) == (None, height + 1)


def test_a_correction_downward_voids_with_its_own_reason_and_only_what_is_settled(
    matched, send, now, chain
):
    settle(clock=Clock())
    first = Session.objects.get()
    less = Correction(first.started_at, first.ended_at, 6_000, "6", "Read again")
    correct_session(session=first, correction=less, actor="test", now=now)
    correct_session(session=first.replaced_by, correction=less, actor="test", now=now)
    assert VoidClaim.objects.get().reason == Reason.CORRECTED
    assert settle(clock=Clock()).failed == 0
    facts = receipt(find_receipt("S1").public_id, now)
    assert facts.void is None  # the record that stands now was never void
    assert receipt(facts.older.public_id, now).void.is_complete


def test_a_claim_taken_back_before_it_was_sent_needs_no_words_on_the_chain(matched, send, now):
    send(credited("CC", "C1", 10))
    assert not VoidClaim.objects.exists()
    assert receipt(Receipt.objects.get(version=2).public_id, now).void is None


def test_a_credit_reaches_the_record_that_a_correction_put_in_place(matched, send, now):
    first = Session.objects.get()
    less = Correction(first.started_at, first.ended_at, 6_000, "6", "Read again")
    correct_session(session=first, correction=less, actor="test", now=now)
    send(credited("CC", "C1", 10))
    assert not Session.objects.filter(voided_at__isnull=True).exists()


def test_voiding_twice_is_as_once(matched, now):
    session = Session.objects.get()
    first = void_claim(session=session, reason=Reason.CORRECTED, words="Corrected", now=now)
    assert void_claim(session=session, reason=Reason.CREDITED, words="Again", now=now) == first
    assert Receipt.objects.count() == 2


def keep(connection, now, module, document, uid):
    data = json.dumps(document).encode()
    sent = Sent(connection, "2.2.1", "PUT", module, data, now)
    name = ocpi_objects.PartyName.of("GB", "COU")
    address = ocpi_objects.Address(ocpi_objects.OcpiObject.Module(module), name, uid)
    ocpi_objects.put(sent=sent, address=address, document=read_object(data))
    return ocpi_objects.OcpiObject.objects.get(module=module)


def test_a_mix_is_green_only_when_all_of_it_is_certified(
    matched, connection, send, company, now, chain
):
    place = {**example("location_example"), "country_code": "GB", "party_id": "COU"}
    location = keep(connection, now, "locations", {**place, "country": "GBR"}, "LOC1")
    tariff = {**example("tariff_14_step_size"), "country_code": "GB", "party_id": "COU", "id": "11"}
    priced = keep(connection, now, "tariffs", tariff, "11")
    dark = {"is_green_energy": False, "energy_sources": []}
    assert mixes_of_locations([location]) == {location.pk: dark}  # matched, not yet certified
    settle(clock=Clock())
    green = {"is_green_energy": True, "energy_sources": [{"source": "WIND", "percentage": 100}]}
    assert mixes_of_locations([location]) == {location.pk: green}
    assert mixes_of_tariffs([priced]) == {priced.pk: green}
    later = british("C2", 5, session_id="S2")
    later["start_date_time"], later["end_date_time"] = (
        "2018-06-01T12:00:00Z",
        "2018-06-01T13:00:00Z",
    )
    send(later)
    mix = mixes_of_locations([location])[location.pk]
    assert mix["is_green_energy"] is False
    assert str(mix["energy_sources"][0]["percentage"]) == "66.6666"
