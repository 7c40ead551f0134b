"""The examples of OCPI's own text, with the figures that it gives.

Figures are those of mod_tariffs and mod_cdrs, 2.2.1 and 2.3.0. Where the text's figure
contradicts its own rule (Saturday's 1.9 hours at 1.25), the rule's figure stands here.
"""

from decimal import Decimal

import pytest

from charging.domain.reconciling import ocpi
from charging.domain.reconciling.charge import Evidence, reconcile
from charging.domain.reconciling.findings import Code
from charging.domain.tariff.reading import read_tariff
from charging.domain.tariff.records import rate_cdr
from tests.charging.domain.tariff.made import (
    BERLIN,
    CHARGING,
    MONDAY,
    PARKING,
    WAITING,
    cdr_of,
    chain,
    cost,
    element,
    energy,
    local,
    price,
    step_size_tariff,
    tariff,
    unread,
)

PER_KWH = price("ENERGY", 0.25, 10)
START_FEE = price("FLAT", 0.5, 20)
WEEKDAYS = ["MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY"]
COMPLEX = tariff(
    price("FLAT", 2.5, 15),
    element(price("TIME", 1, 20, 900), max_current=32.0),
    element(price("TIME", 2, 20, 600), min_current=32.0, day_of_week=WEEKDAYS),
    element(price("TIME", 1.25, 20, 600), min_current=32.0, day_of_week=["SATURDAY", "SUNDAY"]),
    element(
        price("PARKING_TIME", 5, 10, 300),
        start_time="09:00",
        end_time="18:00",
        day_of_week=WEEKDAYS,
    ),
    element(
        price("PARKING_TIME", 6, 10, 300),
        start_time="10:00",
        end_time="17:00",
        day_of_week=["SATURDAY"],
    ),
)


def limit(excl, incl):
    return {"excl_vat": Decimal(excl), "incl_vat": Decimal(incl)}


def reservation(*prices, kind="RESERVATION"):
    return element(*prices, reservation=kind)


AFTER_ONE_HOUR = {"charging": True, "energy_kwh": 20}
EXAMPLES = {
    "0.25 per kWh": (unread(PER_KWH), [(60, energy(20))], "5.00", "5.50"),
    "with a start fee": (unread(START_FEE, PER_KWH), [(60, energy(20))], "5.50", "6.10"),
    "minimum price, not reached": (
        unread(PER_KWH, min_price=limit("0.50", "0.55")),
        [(60, energy(20))],
        "5.00",
        "5.50",
    ),
    "minimum price": (
        unread(PER_KWH, min_price=limit("0.50", "0.55")),
        [(60, energy(1.9))],
        "0.50",
        "0.55",
    ),
    "parking and start fee": (
        unread(START_FEE, PER_KWH, price("PARKING_TIME", 2, 20, 900)),
        [(60, energy(20)), (40, PARKING)],
        "7.00",
        "7.90",
    ),
    "maximum price": (
        unread(START_FEE, PER_KWH, max_price=limit("10", "11")),
        [(60, energy(50))],
        "10.00",
        "11.00",
    ),
    "maximum price, not reached": (
        unread(START_FEE, PER_KWH, max_price=limit("10", "11")),
        [(60, energy(30))],
        "8.00",
        "8.85",
    ),
    "2 per hour": (unread(price("TIME", 2, 10, 60)), [(150, CHARGING)], "5.00", "5.50"),
    "3 per hour, 5 parking": (
        unread(price("TIME", 3, 10, 60), price("PARKING_TIME", 5, 20, 300)),
        [(150, CHARGING), (42, PARKING)],
        "11.25",
        "12.75",
    ),
    "1.9 per hour": (unread(price("TIME", 1.9, 5.2, 300)), [(150, CHARGING)], "4.75", "4.997"),
    "0.25 per 0.1 kWh": (
        unread(price("ENERGY", 0.25, 10, 100)),
        [(60, energy(20.45))],
        "5.125",
        "5.6375",
    ),
    "0.22 per 0.1 kWh, the price of the moment": (
        unread(price("ENERGY", 0.22, 10, 100)),
        [(60, energy(20.45))],
        "4.51",
        "4.961",
    ),
    "2 per hour before taxes that nobody states": (
        unread(price("TIME", 2, None, 1), tax_included="NO"),
        [(150, CHARGING)],
        "5.00",
        None,
    ),
    "2.10 per hour with taxes inside": (
        unread(price("TIME", 2.1, None, 1), tax_included="YES"),
        [(150, CHARGING)],
        None,
        "5.25",
    ),
    "free of charge": (unread(price("FLAT", 0)), [(60, energy(20))], "0", "0"),
    "reservation": (
        unread(reservation(price("TIME", 5, 20, 60)), element(START_FEE, PER_KWH)),
        [(15, WAITING), (60, energy(20))],
        "6.75",
        "7.60",
    ),
    "reservation and fee": (
        unread(
            reservation(price("FLAT", 2, 20), price("TIME", 5, 20, 300)),
            element(START_FEE, PER_KWH),
        ),
        [(13, WAITING), (60, energy(20))],
        "8.75",
        "10.00",
    ),
    "115.2 Wh in steps of 1": (
        unread(price("ENERGY", 0.25, None, 1)),
        [(10, energy(0.1152))],
        "0.029",
        None,
    ),
    "115.2 Wh in steps of 25": (
        unread(price("ENERGY", 0.25, None, 25)),
        [(10, energy(0.1152))],
        "0.0313",
        None,
    ),
    "115.2 Wh in steps of 500": (
        unread(price("ENERGY", 0.25, None, 500)),
        [(10, energy(0.1152))],
        "0.125",
        None,
    ),
}


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_costs_what_the_specification_says(name):
    terms, parts, excl, incl = EXAMPLES[name]
    found = cost(chain(MONDAY, *parts), read_tariff(terms))
    assert found.total_excl == (None if excl is None else Decimal(excl))
    assert found.total_incl == (None if incl is None else Decimal(incl))


@pytest.mark.parametrize("name", EXAMPLES)
def test_a_cdr_of_an_example_agrees_with_its_tariff_and_another_cost_is_found(name):
    terms, parts, *costs = EXAMPLES[name]
    sides = dict(zip(("excl_vat", "incl_vat"), costs, strict=True))
    said = {side: Decimal(each) for side, each in sides.items() if each is not None}
    periods = chain(MONDAY, *parts)

    def found(**changed):
        record = cdr_of(periods, terms, **(said | changed))
        rated = ocpi.of_rating(rate_cdr(record, BERLIN))
        return reconcile(Evidence(cdr=ocpi.of_cdr(record), rated=rated))

    if "excl_vat" in said:  # OCPI asks for the cost before taxes
        assert found() == []
    for side, amount in said.items():
        wrong = found(**{side: amount + Decimal("0.02")})
        assert Code.COST in {each.code for each in wrong}
        assert any("0.02" in each.sentence for each in wrong)


EXPIRE_FEE = tariff(
    reservation(price("FLAT", 4, 20, 1), kind="RESERVATION_EXPIRES"),
    reservation(price("TIME", 2, 20, 600)),
    element(START_FEE, PER_KWH),
)
EXPIRE_TIME = tariff(
    reservation(price("TIME", 6, 20, 600), kind="RESERVATION_EXPIRES"),
    reservation(price("TIME", 3, 20, 600)),
    element(START_FEE, PER_KWH),
)


@pytest.mark.parametrize(
    ("terms", "parts", "excl", "incl"),
    [
        (EXPIRE_FEE, [(22, WAITING), (60, energy(20))], "6.50", "7.30"),
        (EXPIRE_FEE, [(60, WAITING)], "6.00", "7.20"),
        (EXPIRE_TIME, [(22, WAITING), (60, energy(20))], "7.00", "7.90"),
        (EXPIRE_TIME, [(90, WAITING)], "9.00", "10.80"),
    ],
)
def test_a_reservation_costs_by_whether_it_expired(terms, parts, excl, incl):
    found = cost(chain(MONDAY, *parts), terms)
    assert (found.total_excl, found.total_incl) == (Decimal(excl), Decimal(incl))


def test_the_complex_tariff_on_a_monday_morning():
    slow = {"charging": True, "energy_kwh": 9, "min_current": 16, "max_current": 16}
    found = cost(chain(local(9, 30), (147, slow), (42, PARKING)), COMPLEX)
    assert found.total_excl == Decimal("8.70")  # 2.50 + 147 min at 1.00/h + 45 min at 5.00/h
    assert found.total_incl == Decimal("9.94")


def test_the_complex_tariff_on_a_saturday_afternoon():
    fast = {"charging": True, "energy_kwh": 20, "min_current": 43, "max_current": 43}
    found = cost(chain(local(13, 30, day=7), (114, fast), (71, PARKING)), COMPLEX)
    assert found.total_excl == Decimal("12.375")
    assert found.total_incl == Decimal("13.975")


STEPS = step_size_tariff()


@pytest.mark.parametrize(
    ("start", "parts", "costs"),
    [
        # 5 min at 1.20, 5 min at 2.40; parking comes last, so it alone is rounded, to 15 min.
        (local(16, 55), [(10, CHARGING), (2, PARKING)], ["0.10", "0.20", "0.25"]),
        # 35 min become 45: 25 at 1.20, 20 at 2.40.
        (local(16, 35), [(35, CHARGING)], ["0.50", "0.80"]),
        # Parking is free after 20:00, so charging is what is billed last: 10 min become 15.
        (local(19, 55), [(10, CHARGING), (2, PARKING)], ["0.20", "0.40"]),
        # Parking begins at 19:50 and is free from 20:00: 10 min become 15.
        (local(19, 40), [(10, CHARGING), (20, PARKING)], ["0.40", "0.25"]),
        # Over midnight the element from 20:00 to 00:00 gives way to the one from 00:00.
        (local(23, 30), [(60, CHARGING)], ["1.20", "0.60"]),
    ],
)
def test_steps_when_the_element_changes(start, parts, costs):
    found = cost(chain(start, *parts), STEPS)
    assert [line.excl for line in found.lines] == [Decimal(each) for each in costs]
    assert found.total_excl == sum(Decimal(each) for each in costs)


@pytest.mark.parametrize(
    ("terms", "parts", "billed"),
    [
        (  # 4.3 kWh before and 1.1 kWh after 17:00 are 5.5 kWh together
            tariff(
                element(price("ENERGY", 0.2, None, 500), end_time="17:00"),
                price("ENERGY", 0.27, None, 500),
            ),
            [(60, energy(4.3)), (60, energy(1.1))],
            ["4.3", "1.2"],
        ),
        (  # 6 and 22 minutes are 30 together
            tariff(
                element(price("TIME", 5, None, 600), end_time="17:00"),
                price("TIME", 7, None, 600),
            ),
            [(54, PARKING), (6, CHARGING), (22, CHARGING)],
            ["0.1", "0.4"],
        ),
        (  # charging 21 minutes and parking 16: only parking is rounded
            tariff(price("TIME", 1, None, 600), price("PARKING_TIME", 2, None, 600)),
            [(21, CHARGING), (16, PARKING)],
            ["0.35", "0.333333"],
        ),
        (
            tariff(price("TIME", 1, None, 300), price("PARKING_TIME", 2, None, 300)),
            [(21, CHARGING), (7, PARKING)],
            ["0.35", "0.166667"],
        ),
    ],
)
def test_a_step_counts_once_on_the_total(terms, parts, billed):
    found = cost(chain(local(16), *parts), terms)
    assert [line.billed for line in found.lines] == [Decimal(each) for each in billed]


def test_the_price_follows_the_power():
    terms = tariff(
        element(price("ENERGY", 0.2), max_power=16.0),
        element(price("ENERGY", 0.35), max_power=32.0),
        price("ENERGY", 0.5),
    )

    def at(kw, kwh):
        return {"charging": True, "energy_kwh": kwh, "min_power": kw, "max_power": kw}

    found = cost(chain(MONDAY, (10, at(6, 1)), (50, at(48, 40)), (8, at(4, 0.5))), terms)
    assert found.total_excl == Decimal("20.30")


def test_the_price_follows_the_duration():
    terms = tariff(
        element(price("ENERGY", 0), max_duration=1800),
        element(price("ENERGY", 0.25), max_duration=3600),
        price("ENERGY", 0.4),
    )
    assert cost(chain(MONDAY, (30, energy(5)), (10, energy(1.2))), terms).total_excl == Decimal(
        "0.30"
    )


def test_the_first_kwh_and_the_first_hour_may_be_free():
    terms = tariff(
        element(price("PARKING_TIME", 0, None, 60), max_duration=3600),
        element(price("PARKING_TIME", 2, None, 60), max_duration=10800),
        price("PARKING_TIME", 3, None, 60),
        element(price("ENERGY", 0), max_kwh=1.0),
        element(price("ENERGY", 0.2), min_kwh=1.0),
    )
    found = cost(chain(MONDAY, (0, energy(20)), (165, PARKING)), terms)
    assert found.total_excl == Decimal("7.30")
    assert found.total_incl is None  # no tax is said, so none can be computed
