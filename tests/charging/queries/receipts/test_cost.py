"""A receipt tells the cost that its charge record states, and whether the tariff agrees."""

import json
from decimal import Decimal

import pytest

from charging.domain.charge_cost import cost_of_record
from charging.domain.ocpi.document import read_object
from charging.domain.tariff.records import rate_cdr
from charging.models import Receipt, Session
from charging.queries.receipts.cost import cost_of
from charging.views.receipts.cost import money, shown
from tests.charging.api.ocpi.conftest import areas, cdr, connection, credit, peer
from tests.charging.plant import charge
from tests.charging.services.matching.test_runs import A

__all__ = ["areas", "connection", "peer"]
TARIFF = {
    "country_code": "BE",
    "party_id": "BEC",
    "id": "12",
    "currency": "EUR",
    "elements": [
        {
            "price_components": [
                {"type": "ENERGY", "price": Decimal("0.25"), "vat": Decimal(10), "step_size": 1},
                {"type": "FLAT", "price": Decimal("0.50"), "vat": Decimal(10), "step_size": 1},
            ]
        }
    ],
    "last_updated": "2015-02-02T14:15:01Z",
}
PERIODS = [
    {
        "start_date_time": "2015-06-29T21:39:09Z",
        "dimensions": [{"type": "ENERGY", "volume": Decimal("12")}],
    }
]


def read(document):
    """The document as it is read from the wire: numbers as Decimal."""
    return read_object(json.dumps(document, default=float).encode())


def record(excl="3.50", incl="3.85", **changes):
    cost = {"excl_vat": Decimal(excl), "incl_vat": Decimal(incl)}
    return read(cdr(total_cost=cost, tariffs=[TARIFF], charging_periods=PERIODS, **changes))


def cost(document):
    return cost_of_record(document, rate_cdr(document, "Europe/Brussels"))


def test_lines_by_the_tariff_add_up_to_what_was_stated():
    found = cost(record())
    assert found.by_tariff
    assert [(line.kind, line.excl, line.billed) for line in found.lines] == [
        ("ENERGY", Decimal("3.0000"), Decimal("12.000000")),
        ("FLAT", Decimal("0.5000"), Decimal("1.000000")),
    ]
    assert sum(line.incl for line in found.lines) == found.incl == Decimal("3.85")


def test_where_the_tariff_comes_to_another_amount_both_are_told():
    found = cost(record("5.00", "5.50", total_energy_cost={"excl_vat": Decimal("4.5")}))
    assert not found.by_tariff
    assert (found.excl, found.rated_excl) == (Decimal("5.00"), Decimal("3.5000"))
    assert [(line.kind, line.excl) for line in found.lines] == [
        ("ENERGY", Decimal("4.5")),
        ("TIME", Decimal("4.0")),  # as the standard's example has it
    ]
    assert "3.85 EUR with taxes" in shown(found).otherwise


@pytest.mark.parametrize(
    "changes",
    [{"total_cost": None}, {"total_cost": {}}, {"currency": 7}, {"total_cost": "much"}],
)
def test_a_record_that_states_no_cost_has_none(changes):
    assert cost_of_record({**record(), **changes}, None) is None


def test_a_cost_in_2_3_0_has_its_taxes_beside_it():
    price = {"before_taxes": Decimal(4), "taxes": [{"name": "VAT", "amount": Decimal("0.40")}]}
    found = cost_of_record({**read(cdr()), "total_cost": price}, None)
    assert (found.excl, found.incl) == (Decimal(4), Decimal("4.40"))


@pytest.mark.parametrize(
    ("amount", "words"),
    [("4", "4.00 EUR"), ("1234.5", "1,234.50 EUR"), ("0.1234", "0.1234 EUR"), ("-2", "-2.00 EUR")],
)
def test_money_is_never_rounded(amount, words):
    assert money(Decimal(amount), "EUR") == words


def test_the_receipt_shows_the_cost_and_no_proof_or_summary_does(client, peer):
    answer = peer("post", "cdrs", cdr())
    assert answer.status_code == 201
    session = Session.objects.get()
    assert (cost_of(session).excl, cost_of(session).currency) == (Decimal("4.00"), "EUR")
    link = Receipt.objects.get(session=session).public_id
    page = client.get(f"/r/{link}/").text
    assert "What it cost" in page
    assert "4.40 EUR with taxes" in page
    german = client.get(f"/r/{link}/?lang=de", headers={"accept-language": "de"}).text
    assert "4,40 EUR mit Steuern" in german
    assert client.get(f"/api/v1/receipts/{link}/").json()["cost"]["incl"] == 4.4
    for name in ("summary.json", "statement.json", "proof.json"):
        assert "cost" not in client.get(f"/r/{link}/{name}").text


def test_a_credited_charge_has_no_cost_any_more(peer):
    peer("post", "cdrs", cdr())
    peer("post", "cdrs", credit("C1", "C1-credit"))
    assert cost_of(Session.objects.get()) is None


def test_a_charge_of_a_file_has_none(client, company, great_britain, now):
    charge(company, [A], now)
    session = Session.objects.get()
    assert cost_of(session) is None
    link = Receipt.objects.get(session=session).public_id
    assert "What it cost" not in client.get(f"/r/{link}/").text


def test_a_tariff_that_cannot_be_read_leaves_the_stated_cost(peer):
    answer = peer("post", "cdrs", cdr(tariffs=[{**cdr()["tariffs"][0], "elements": "none"}]))
    if answer.status_code == 201 and Session.objects.exists():
        found = cost_of(Session.objects.get())
        assert (found.incl, found.by_tariff) == (Decimal("4.40"), False)
