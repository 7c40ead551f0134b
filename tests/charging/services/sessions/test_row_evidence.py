"""Files with signed meter values: the meter's word counts where it is proven, once."""

import csv
import io
from datetime import UTC, datetime, timedelta

import pytest

from charging.domain.meters.carried import Carried
from charging.domain.meters.curves import CURVES
from charging.domain.meters.key_registry import KeyRegistry
from charging.domain.meters.verification import verify
from charging.errors import InvalidMapping, MissingColumns
from charging.models import ChargeFinding, Session, SessionRow, SignedRecord
from charging.services.meter_keys import NewKey, register
from charging.services.reconciling import reconcile_waiting
from charging.services.sessions.holds import approve
from charging.services.sessions.importing import Upload, import_sessions
from charging.services.sessions.options import Options
from tests.charging.domain.meters.made import Meter, charge, reading, real_records
from tests.charging.services.sessions.test_holds import GB, yes

COLUMNS = (
    "session_id",
    "charger",
    "connector",
    "started_at",
    "ended_at",
    "energy_kwh",
    "site",
    "signed_value",
    "signed_value_end",
)
METER = Meter(serial="M-1")
START, END = datetime(2026, 3, 1, 10, tzinfo=UTC), datetime(2026, 3, 1, 11, tzinfo=UTC)


def vouch(company, meter=METER, name="M-1"):
    key = NewKey(name, meter.public_key)
    return register(owner=company, key=key, actor="test", now=datetime(2026, 1, 1, tzinfo=UTC))


def row(uid="A", kwh="11.25", signed="", signed_end="", start=START, end=END):
    return [uid, "EV-1", "1", start.isoformat(), end.isoformat(), kwh, "Mill", signed, signed_end]


def send(company, now, *rows, columns=COLUMNS, **options):
    text = io.StringIO()
    csv.writer(text).writerows([columns, *rows])
    options = Options(**{"profile": "generic", "area": GB, "final": True} | options)
    upload = Upload("signed.csv", text.getvalue().encode())
    return import_sessions(organisation=company, upload=upload, options=options, now=now)


def findings():
    return list(ChargeFinding.objects.values_list("code", "sentence"))


@pytest.mark.parametrize("curve", sorted(CURVES))
def test_a_value_signed_on_any_curve_of_the_standard_gives_the_energy(
    company, great_britain, now, curve
):
    meter = Meter(curve, serial="M-1")
    vouch(company, meter)
    send(company, now, row(signed=meter.ocmf(charge(1.5, 12.7501))))
    session = Session.objects.get()
    assert (session.energy_evidence, session.energy_wh) == ("signed", 11_251)
    assert session.raw_energy == "11250.1000 Wh, signed"
    assert sum(session.hours.values_list("energy_wh", flat=True)) == 11_251
    assert SignedRecord.objects.get().session == session
    assert not findings()


def test_begin_and_end_may_stand_in_two_columns(company, great_britain, now):
    vouch(company)
    begin, end = charge()
    parts = METER.ocmf([begin]), METER.ocmf([end], PG="T2")
    send(company, now, row(signed=parts[0], signed_end=parts[1]))
    assert Session.objects.get().energy_evidence == "signed"
    assert SignedRecord.objects.count() == 2


def test_alfen_s_records_prove_a_row_too(company, great_britain, now):
    meter = Meter("secp192r1", serial="ALF0000001")
    vouch(company, meter, b"ALF0000001".hex())
    start, end = (datetime.fromtimestamp(at, UTC) for at in (1542984061, 1542989061))
    begin = meter.alfen(kind=0, value=15_762, page=17)
    last = meter.alfen(kind=1, value=25_764, page=18, unix=1542989061)
    send(company, now, row(kwh="10.002", signed=begin, signed_end=last, start=start, end=end))
    session = Session.objects.get()
    assert (session.energy_evidence, session.energy_wh) == ("signed", 10_002)
    assert set(SignedRecord.objects.values_list("format", flat=True)) == {"Alfen"}


def test_a_real_meter_s_record_proves_its_charge(company, great_britain, now):
    (real,) = [each for each in real_records() if each["id"] == "ocmf-012"]
    verdict = verify([Carried(real["record"].encode())], KeyRegistry())
    metered = verdict.charges[0]
    key = NewKey(verdict.records[0].record.meters[0], real["public_key"])
    register(owner=company, key=key, actor="test", now=now)
    start, end = metered.started_at, metered.ended_at
    send(company, now, row(kwh="1.1", signed=real["record"], start=start, end=end))
    session = Session.objects.get()
    assert (session.energy_wh, session.energy_evidence) == (1_101, "signed")


def test_values_signed_on_the_way_put_the_energy_into_its_hours(company, great_britain, now):
    vouch(company)
    end = START + timedelta(hours=2)
    points = [reading("B", 100, stamp(START))]
    for minutes in range(10, 120, 10):
        value = 100 if minutes <= 60 else 112
        points.append(reading("C", value, stamp(START + timedelta(minutes=minutes))))
    signed = METER.ocmf([*points, reading("E", 112, stamp(end))])
    send(company, now, row(kwh="12", signed=signed, end=end))
    session = Session.objects.get()
    hours = list(session.hours.order_by("starts_at").values_list("energy_wh", "method"))
    assert (session.timing_evidence, hours) == ("signed", [(12_000, "signed")])


def stamp(at):
    return at.strftime("%Y-%m-%dT%H:%M:%S,000+0000 S")


@pytest.mark.parametrize(
    ("signed", "words"),
    [
        (Meter(seed=9, serial="M-1").ocmf(charge()), "does not prove the energy"),
        (Meter(serial="M-2").ocmf(charge()), "does not prove the energy"),
        (METER.ocmf(charge()).replace("12.75", "12.76"), "does not prove the energy"),
        (METER.ocmf(charge(1.5, 1.5)), "nothing was taken"),
        ("hello", "cannot be read"),
        ("OCMF|{|}", "does not prove the energy"),
    ],
    ids=["wrong key", "unknown meter", "changed", "nothing taken", "no record", "broken"],
)
def test_what_proves_nothing_leaves_the_operator_s_word_and_a_finding(
    company, great_britain, now, signed, words
):
    vouch(company)
    assert send(company, now, row(signed=signed)).accepted == 1
    session = Session.objects.get()
    assert (session.energy_evidence, session.energy_wh) == ("statement", 11_250)
    assert not SignedRecord.objects.exists()
    found = findings()
    assert {code for code, _ in found} == {"meter"}
    assert any(words in sentence for _, sentence in found)
    reconcile_waiting(now=now)  # which does not see the value again, and settles nothing
    assert ChargeFinding.objects.filter(settled_at__isnull=True).count() == len(found)


def test_a_value_of_another_time_proves_nothing_of_the_row(company, great_britain, now):
    vouch(company)
    hour = timedelta(hours=1)
    send(company, now, row(signed=METER.ocmf(charge()), start=START + hour, end=END + hour))
    assert Session.objects.get().energy_evidence == "statement"
    assert "of another time" in findings()[0][1]


@pytest.mark.parametrize("kwh", ["11.25", "11.2", "11.3", "11", "12"])
def test_a_row_may_write_what_the_meter_signed_more_roundly(company, great_britain, now, kwh):
    vouch(company)
    send(company, now, row(kwh=kwh, signed=METER.ocmf(charge())))
    assert (Session.objects.get().energy_wh, SignedRecord.objects.count()) == (11_250, 1)


@pytest.mark.parametrize(
    ("choice", "energy_wh", "evidence", "records"),
    [(0, 11_250, "signed", 1), (1, 13_000, "statement", 0)],
)
def test_a_row_that_its_meter_contradicts_is_held_for_a_person(
    company, great_britain, now, choice, energy_wh, evidence, records
):
    vouch(company)
    report = send(company, now, row(kwh="13.00", signed=METER.ocmf(charge())))
    assert (report.accepted, report.held) == (0, 1)
    assert not SignedRecord.objects.exists()
    held = SessionRow.objects.get()
    assert [each["kind"] for each in held.proposals] == ["metered", "stated"]
    done = yes(company, now, choice=choice)
    assert (done.session.energy_wh, done.session.energy_evidence) == (energy_wh, evidence)
    assert SignedRecord.objects.count() == records
    assert [code for code, _ in findings()] == ["meter"] * (1 - records)


def test_one_signed_value_proves_one_charge(company, great_britain, now):
    vouch(company)
    signed = METER.ocmf(charge())
    late = START + timedelta(minutes=1)
    send(company, now, row("A", signed=signed), row("B", signed=signed, start=late))
    assert dict(Session.objects.values_list("uid", "energy_evidence")) == {
        "A": "signed",
        "B": "statement",
    }
    send(company, now, row("C", signed=signed, start=START + timedelta(minutes=2)))
    assert Session.objects.get(uid="C").energy_evidence == "statement"
    assert {words for _, words in findings()} == {
        "Another charge was proven with this signed meter value."
    }
    again = send(company, now, row("A", signed=signed), final=False)
    assert again.duplicates == 1


def test_a_held_row_keeps_its_signed_value_until_it_is_decided(company, great_britain, now):
    vouch(company)
    send(company, now, row(signed=METER.ocmf(charge())), area="")
    held = SessionRow.objects.get(status="held")
    done = approve(
        organisation=company, row_id=held.pk, choice=0, area_code=GB, actor="test", now=now
    )
    assert done.session.energy_evidence == "signed"


def test_a_layout_of_one_s_own_names_the_column_that_is_signed(company, great_britain, now):
    vouch(company)
    mapping = {
        "charger": "charger",
        "start_date": "started_at",
        "end_date": "ended_at",
        "energy": "energy_kwh",
        "signed": "signed_value",
    }
    signed = METER.ocmf(charge())
    send(company, now, row(signed=signed), profile="mapped", mapping=mapping)
    assert Session.objects.get().energy_evidence == "signed"
    wrong = mapping | {"signed": "nowhere"}
    with pytest.raises(MissingColumns, match="nowhere"):
        send(company, now, row("B", signed=signed), profile="mapped", mapping=wrong)
    with pytest.raises(InvalidMapping):
        send(company, now, row(), profile="mapped", mapping=mapping | {"signed": 7})


def test_a_key_of_another_company_vouches_for_nothing(company, producer, great_britain, now):
    vouch(producer)
    send(company, now, row(signed=METER.ocmf(charge())))
    assert Session.objects.get().energy_evidence == "statement"


@pytest.fixture
def proven(company, great_britain, now):
    """A charge of a file, with the energy that its meter signed."""
    vouch(company)
    send(company, now, row(signed=METER.ocmf(charge(1.5, 12.7501))))
    assert Session.objects.get().energy_evidence == "signed"


def corrected(company, now, line) -> Session:
    """The record after a file sent the charge again and a person said yes."""
    send(company, now, line)
    held = SessionRow.objects.get(status="held")
    approve(organisation=company, row_id=held.pk, choice=0, actor="test", now=now)
    return Session.objects.get(voided_at=None)


MINUTE = timedelta(minutes=1)


def test_a_corrected_charge_keeps_the_value_that_came_along_again(proven, company, now):
    """Only the time of its end was wrong; the meter's word stands."""
    line = row(signed=METER.ocmf(charge(1.5, 12.7501)), end=END + 2 * MINUTE)
    session = corrected(company, now, line)
    assert (session.ended_at, session.energy_wh) == (END + 2 * MINUTE, 11_251)
    assert (session.energy_evidence, session.raw_energy) == ("signed", "11250.1000 Wh, signed")
    assert SignedRecord.objects.count() == 1
    assert not findings()


@pytest.mark.parametrize("kwh", ["11.25", "11.3"])
def test_a_corrected_charge_keeps_the_value_it_was_proven_with(proven, company, now, kwh):
    session = corrected(company, now, row(kwh=kwh, end=END + 2 * MINUTE))
    assert (session.energy_evidence, session.energy_wh) == ("signed", 11_251)
    assert sum(session.hours.values_list("energy_wh", flat=True)) == 11_251
    assert not findings()


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"kwh": "9"}, "says 11,251 Wh, the row 9,000 Wh"),
        ({"end": END + 10 * MINUTE}, "of another time"),
    ],
)
def test_what_is_no_longer_what_was_signed_says_so(proven, company, now, changes, words):
    session = corrected(company, now, row(**changes))
    assert session.energy_evidence == "statement"
    assert session.energy_wh == (9_000 if "kwh" in changes else 11_250)
    ((code, sentence),) = findings()
    assert (code, words in sentence) == ("meter", True)
    assert ChargeFinding.objects.get().session == session


def test_a_correction_may_bring_a_value_of_its_own(company, great_britain, now):
    vouch(company)
    send(company, now, row(kwh="10"))
    session = corrected(company, now, row(signed=METER.ocmf(charge(1.5, 12.7501))))
    assert (session.energy_evidence, session.energy_wh) == ("signed", 11_251)
    assert SignedRecord.objects.count() == 1


def test_a_correction_with_another_charge_s_value_stands_on_the_operator_s_word(
    proven, company, now
):
    text = METER.ocmf(charge(1.5, 12.7501))
    send(company, now, row(uid="B", kwh="10", start=START + MINUTE))
    send(company, now, row(uid="B", signed=text, start=START + MINUTE))
    held = SessionRow.objects.get(status="held")
    approve(organisation=company, row_id=held.pk, choice=0, actor="test", now=now)
    session = Session.objects.get(uid="B", voided_at=None)
    assert (session.energy_evidence, session.energy_wh) == ("statement", 11_250)
    assert "Another charge" in findings()[0][1]
