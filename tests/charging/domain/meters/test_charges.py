"""The rules between the readings of a charge, one by one."""

import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from charging.domain.meters.der import write_signature
from charging.domain.meters.obis import EXPORT, IMPORT, OTHER, register_of
from tests.charging.domain.meters.made import charge, reading
from tests.charging.domain.meters.test_ocmf import METER, codes, judged

LATER = "2026-03-01T11:00:00,000+0000 S"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"EF": "E"}, "energy_error"),
        ({"EF": "Et"}, "energy_error"),
        ({"ST": "M"}, "meter_not_good"),
        ({"ST": ""}, "meter_not_good"),
        ({"RV": 1.0}, "energy_falls"),
        ({"TM": "2026-03-01T09:00:00,000+0000 S"}, "time_falls"),
        ({"TM": "yesterday"}, "no_time"),
        ({"TM": "2026-03-01T11:00:00,000 S"}, "no_time"),
        ({"TM": "2026-13-01T11:00:00,000+0000 S"}, "no_time"),
        ({"RI": "1-0:1.8.1"}, "other_register"),
        ({"RU": "Wh", "RV": 99999}, "other_unit"),
        ({"EI": 7}, "events_between"),
        ({"TX": "C"}, "no_end"),
        ({"TX": "B"}, "several_begins"),
    ],
)
def test_a_rule_that_the_end_breaks_stands_against_the_energy(change, code):
    found = judged(METER.ocmf([reading("B", 1.5, EI=3), reading("E", 12.75, LATER) | change]))
    assert found.state == "valid"
    assert code in codes(found)
    assert not found.proves_energy


@pytest.mark.parametrize(
    ("change", "code"), [({"EF": "t"}, "time_error"), ({"TM": LATER[:-1] + "R"}, "clock_not_sync")]
)
def test_a_doubtful_clock_is_noted_and_the_energy_stands(change, code):
    found = judged(METER.ocmf([reading("B", 1.5), reading("E", 12.75, LATER) | change]))
    assert any(each.startswith(code) for each in codes(found))
    assert found.proves_energy


@pytest.mark.parametrize("reason", list("ELRAP"))
def test_a_charge_may_end_for_every_reason_of_the_standard(reason):
    found = judged(METER.ocmf([reading("B", 1), reading(reason, 2, LATER)]))
    assert found.proves_energy


@pytest.mark.parametrize("level", ["MISMATCH", "INVALID", "OUTDATED", "UNKNOWN"])
def test_a_failed_identification_stands_against_the_charge(level):
    found = judged(METER.ocmf(charge(), IL=level))
    assert "identification_refused" in codes(found)
    assert not found.proves_energy
    assert judged(METER.ocmf(charge(), IL="VERIFIED")).proves_energy


def test_begin_and_end_in_two_records_make_one_charge():
    begin, end = charge()
    pair = METER.ocmf([begin], PG="T8"), METER.ocmf([end], PG="T9")
    found = judged(*pair)
    assert found.proves_energy
    assert found.energy_wh == 11_250
    assert len(found.charges) == 1


def test_an_end_that_states_the_begin_again_is_the_same_charge():
    """As chargers that put a record into Transaction.Begin and a whole one into .End do."""
    begin, end = charge()
    first, last = METER.ocmf([begin], PG="T8"), METER.ocmf([begin, end], PG="T9")
    for records in ((first, last), (last,)):
        found = judged(*records)
        assert found.proves_energy
        assert found.energy_wh == 11_250
        assert len(found.charges) == 1


def test_an_end_that_states_another_begin_is_another_charge():
    begin, end = charge()
    first = METER.ocmf([begin | {"RV": 1.4}], PG="T8")
    found = judged(first, METER.ocmf([begin, end], PG="T9"))
    assert len(found.charges) == 2
    assert not found.proves_energy


def test_a_begin_that_stands_twice_in_one_record_is_two():
    begin, end = charge()
    found = judged(METER.ocmf([begin, begin, end]))
    assert "several_begins" in codes(found)
    assert not found.proves_energy


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"PG": "T7"}, "page_order"),
        ({"PG": "T8"}, "page_order"),
        ({"PG": "F9"}, "page_order"),
        ({"MS": "M-2"}, "other_charge"),
        ({"ID": "other card"}, "other_charge"),
    ],
)
def test_two_records_that_do_not_belong_together_are_told_apart(fields, code):
    begin, end = charge()
    found = judged(METER.ocmf([begin], PG="T8"), METER.ocmf([end], **{"PG": "T9"} | fields))
    assert code in codes(found)
    assert not found.proves_energy


def test_records_missing_in_between_leave_room_for_another_charge():
    begin, end = charge()
    between = [reading("C", 3), reading("C", 4)]
    pages = [begin], [between[0]], [between[1]], [end]
    records = [METER.ocmf(each, PG=f"T{page}") for page, each in enumerate(pages, 8)]
    assert judged(*records).proves_energy
    found = judged(records[0], records[3])
    (gap,) = (each for each in found.findings if each.code == "page_gap")
    assert gap.sentence.startswith("2 records between begin and end are not here (pages T8, T11)")
    assert not found.proves_energy


def test_one_half_of_a_charge_has_no_energy():
    begin, end = charge()
    assert "no_end" in codes(judged(METER.ocmf([begin])))
    found = judged(METER.ocmf([end]))
    assert "no_begin" in codes(found)
    assert found.energy_wh is None


def test_the_same_record_as_begin_and_as_end_counts_once():
    whole = METER.ocmf(charge())
    found = judged(whole, whole)
    assert "repeated_record" in codes(found)
    assert found.energy_wh == 11_250
    assert found.proves_energy


def test_the_same_payload_under_another_valid_signature_counts_once():
    payload = json.dumps(METER.payload(charge()))
    r, s = METER.sign(payload.encode())
    order = int(METER.curve.foreign.order)
    twins = [METER.wrap(payload, SD=write_signature(r, each).hex()) for each in (s, order - s)]
    found = judged(*twins)
    assert "repeated_record" in codes(found)
    assert found.energy_wh == 11_250
    assert len(found.records) == 1


def test_a_false_copy_beside_a_true_record_is_not_hidden():
    whole = METER.ocmf(charge())
    payload = json.dumps(METER.payload(charge()))
    false = METER.wrap(payload, SD=write_signature(5, 7).hex())
    for order in ((whole, false), (false, whole)):
        found = judged(*order)
        assert found.state == "invalid"
        assert found.energy_wh == 11_250


def test_two_charges_in_one_message_are_summed_and_said():
    found = judged(METER.ocmf(charge(0, 1)), METER.ocmf(charge(1, 3), PG="T2"))
    assert found.energy_wh == 3_000
    assert len(found.charges) == 2
    assert "several_charges" in codes(found)


def test_registers_that_know_the_loss_in_the_cable_come_first():
    def pair(code, begin, end):
        return [reading("B", begin, RI=code), reading("E", end, LATER, RI=code)]

    total, compensated = pair("1-0:1.8.0", 10, 15), pair("01-00:B3.08.00*FF", 0, 4.9)
    assert judged(METER.ocmf(total + compensated)).energy_wh == 4_900
    assert judged(METER.ocmf(compensated + total)).energy_wh == 4_900


def test_export_is_never_netted_against_import():
    listed = [
        reading("B", 10),
        reading("B", 3, RI="1-0:2.8.0"),
        reading("E", 15, LATER),
        reading("E", 7, LATER, RI="1-0:2.8.0"),
    ]
    found = judged(METER.ocmf(listed))
    assert (found.energy_wh, found.export_wh) == (5_000, 4_000)


def test_a_record_without_energy_says_so():
    found = judged(METER.ocmf([reading("B", 30, RI="01-00:00.08.06.FF", RU="sec")]))
    assert "no_energy_register" in codes(found)
    assert found.energy_wh is None


@pytest.mark.parametrize(
    ("code", "direction", "compensated"),
    [
        ("1-b:1.8.0", IMPORT, False),
        ("1-b:1.8.e", IMPORT, False),
        ("1-0:1.8.0*198", IMPORT, False),
        ("01-00:01.08.00.FF", IMPORT, False),
        ("1-0:98.8.0.FF", IMPORT, True),
        ("01-00:B2.08.00*FF", IMPORT, False),
        ("01-00:B3.08.00*FF", IMPORT, True),
        ("01-00:C1.08.00*FF", EXPORT, True),
        ("1-0:2.8.0", EXPORT, False),
        ("01-00:00.08.06.FF", OTHER, False),
        ("1-0:1.7.0", OTHER, False),
        ("", OTHER, False),
        ("1.8", OTHER, False),
    ],
)
def test_registers_by_their_codes(code, direction, compensated):
    found = register_of(code)
    assert (found.direction, found.compensated) == (direction, compensated)


@given(
    begin=st.decimals(0, 10**6, places=4),
    taken=st.decimals(0, 10**4, places=4),
    unit=st.sampled_from(["Wh", "kWh"]),
)
def test_the_energy_is_the_difference_and_never_understated(begin, taken, unit):
    found = judged(
        METER.ocmf(
            [
                reading("B", str(begin), RU=unit),
                reading("E", str(begin + taken), LATER, RU=unit),
            ]
        )
    )
    exact = taken * (1000 if unit == "kWh" else 1)
    assert found.exact_wh == exact
    assert Decimal(0) <= found.energy_wh - exact < 1


def test_registers_are_preferred_in_one_order():
    """Compensated before not, the transaction's before the meter's, one's own before the mains'."""
    codes = ["B3", "B1", "98", "B2", "B0", "1"]
    ranks = [register_of(f"1-0:{each}.8.0").rank for each in codes]
    assert ranks == sorted(set(ranks))
    out = [register_of(f"1-0:{each}.8.0").rank for each in ("C3", "C1", "C2", "C0", "2")]
    assert out == sorted(set(out))
