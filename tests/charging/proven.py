"""A charge of two hours, matched and settled on a chain of its own, ready to be proven."""

from datetime import UTC, datetime

from charging.models import Receipt
from charging.queries.receipt import find_receipt
from charging.services.matching import match
from ledger.services.settlement import settle
from tests.charging.plant import charge, generate, register_plant, share_all
from tests.ledger.chain.chains import Clock

TEN = datetime(2018, 6, 1, 10, tzinfo=UTC)
DAY = (datetime(2018, 6, 1, tzinfo=UTC), datetime(2018, 6, 2, tzinfo=UTC))
FIRST = "a,X,1,2018-06-01T10:00Z,2018-06-01T12:00Z,10,Mill Street"
OTHERS = (
    "b,Y,1,2018-06-01T10:00Z,2018-06-01T12:00Z,8,Mill Street",
    "c,Z,1,2018-06-01T10:00Z,2018-06-01T11:00Z,3,Mill Street",
)


def settled_charge(producer, company, now) -> Receipt:
    """Three charges of one company share the hours of two plants; the first one's receipt."""
    for number in (7, 8):
        device = register_plant(producer, now, number)
        share_all(device, company, now)
        generate(device, TEN, ["6", "5"], now)
    charge(company, [FIRST, *OTHERS], now)
    match(organisation=company, starts_at=DAY[0], ends_at=DAY[1], now=now)
    settle(clock=Clock())
    return find_receipt("A")
