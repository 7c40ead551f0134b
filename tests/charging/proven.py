"""A charge of two hours, matched and settled on a chain of its own, ready to be proven."""

from datetime import UTC, datetime
from itertools import pairwise

from charging.models import Receipt
from charging.queries.receipts.receipt import find_receipt
from charging.services.matching.runs import match
from ledger.services.settlement import settle
from tests.charging.plant import charge, generate, register_plant, share_all
from tests.ledger.chain.chains import Clock

TEN = datetime(2018, 6, 1, 10, tzinfo=UTC)
ELEVEN = TEN.replace(hour=11)
DAY = (datetime(2018, 6, 1, tzinfo=UTC), datetime(2018, 6, 2, tzinfo=UTC))
FIRST = "a,X,1,2018-06-01T10:00Z,2018-06-01T12:00Z,10,Mill Street"
OTHERS = (
    "b,Y,1,2018-06-01T10:00Z,2018-06-01T12:00Z,8,Mill Street",
    "c,Z,1,2018-06-01T10:00Z,2018-06-01T11:00Z,3,Mill Street",
)


def matched_charge(producer, company, now, *, rounds: int = 1, after=lambda: None) -> Receipt:
    """Three charges of one company share two plants' hours; the first one's receipt.

    The two hours are matched in one round or in two, with `after` done after each.
    """
    for number in (7, 8):
        device = register_plant(producer, now, number)
        share_all(device, company, now)
        generate(device, TEN, ["6", "5"], now)
    charge(company, [FIRST, *OTHERS], now)
    for start, end in pairwise((TEN, DAY[1]) if rounds == 1 else (TEN, ELEVEN, DAY[1])):
        match(organisation=company, starts_at=start, ends_at=end, now=now)
        after()
    return find_receipt("A")


def settled_charge(producer, company, now, *, rounds: int = 1) -> Receipt:
    """The same, each round settled in blocks of its own."""
    clock = Clock()
    return matched_charge(producer, company, now, rounds=rounds, after=lambda: settle(clock=clock))
