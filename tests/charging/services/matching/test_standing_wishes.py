"""A standing wish holds for every charge under its product, those to come included."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from certificates.models import Role
from charging.domain.matching.terms import Preference
from charging.domain.wishes import Wished
from charging.errors import NotAChargingCompany, UnknownStandingWish, WishRefused
from charging.models import Session, StandingWish
from charging.models.product_marks import contract_mark, tariff_mark, token_mark
from charging.queries.company.explain import explain
from charging.services.matching.runs import match
from charging.services.matching.standing_wishes import Product, end_standing_wish, set_standing_wish
from ledger.models import AuditEvent
from tests.charging.conftest import make_organisation
from tests.charging.plant import charge, generate, register_plant, share_all
from tests.charging.queries.matching.test_wishes import C
from tests.charging.services.matching.test_runs import DAY, TEN, B, got
from tests.charging.views.company.test_home import log_in

WIND, SUN = Preference(source="F01050100"), Preference(supplier="sun")
FIRST = Wished(first=True)
LATER = timedelta(hours=1)
BEFORE = DAY[0] - timedelta(days=30)
CONTRACT = Product("contract", "DE-ABC-C00004711-X")
CARD = Product("token", "CARD-1234", "DE*ABC")
TARIFF = Product("tariff", "GREEN-FLEX")


@pytest.fixture
def plant(producer, company, now):
    device = register_plant(producer, now)
    share_all(device, company, now)
    return device


def under(company, uid, product=CONTRACT):
    """A charge is under a product, as its CDR says."""
    mark = {f"{product.kind}_hmac": product.mark(company)}
    Session.objects.filter(uid=uid.upper()).update(**mark)


def set_wish(company, wished=FIRST, product=CONTRACT, at=BEFORE, now=BEFORE):
    return set_standing_wish(
        organisation=company, product=product, wished=wished, valid_from=at, actor="test", now=now
    )


def end(company, row, at, now):
    return end_standing_wish(organisation=company, number=row.pk, at=at, actor="test", now=now)


def run(company, now):
    return match(organisation=company, starts_at=DAY[0], ends_at=DAY[1], now=now)


@pytest.mark.parametrize("product", [CONTRACT, CARD, TARIFF])
def test_a_charge_that_comes_later_is_served_first(plant, company, now, product):
    set_wish(company, product=product)
    charge(company, [B, C], now)
    under(company, "c", product)
    generate(plant, TEN, ["18"], now)
    run(company, now)
    assert (got("b"), got("c")) == (3_000, 15_000)
    told = explain(Session.objects.get(uid="C"), now)
    assert (told.wish.green_tariff, told.wish.standing.name) == (True, product.name)
    assert explain(Session.objects.get(uid="B"), now).wish.standing is None


@pytest.mark.parametrize(("begins", "ends"), [(TEN + LATER, None), (BEFORE, TEN)])
def test_a_wish_counts_by_the_start_of_the_charge(plant, company, now, begins, ends):
    row = set_wish(company, at=begins)
    if ends:
        end(company, row, ends, BEFORE)
    charge(company, [B, C], now)
    under(company, "c")
    generate(plant, TEN, ["18"], now)
    run(company, now)
    assert (got("b"), got("c")) == (9_000, 9_000)


def test_a_later_wish_ends_the_one_before_and_both_stay(plant, company, now):
    first = set_wish(company)
    assert set_wish(company) == first
    second = set_wish(company, Wished(order=(WIND,)), at=DAY[1])
    first.refresh_from_db()
    assert (first.valid_to, second.valid_to) == (DAY[1], None)
    with pytest.raises(WishRefused, match="later instant"):
        set_wish(company, Wished(order=(WIND,), strict=True), at=DAY[0])
    assert StandingWish.objects.count() == 2
    assert AuditEvent.objects.filter(action="standing_wish.set").count() == 2


def test_what_holds_never_ends_in_the_past(plant, company, now):
    row = set_wish(company)
    with pytest.raises(WishRefused, match="past"):
        end(company, row, DAY[0], DAY[1])
    with pytest.raises(WishRefused, match="past"):
        set_wish(company, Wished(order=(WIND,)), at=DAY[0], now=DAY[1])
    assert StandingWish.objects.get().valid_to is None
    assert end(company, row, DAY[1], DAY[1]).valid_to == DAY[1]
    assert end(company, row, DAY[1] + LATER, DAY[1] + LATER).valid_to == DAY[1]
    assert AuditEvent.objects.filter(action="standing_wish.ended").count() == 1


def test_one_that_was_to_come_can_be_taken_back(plant, company, now):
    row = set_wish(company, at=DAY[1])
    assert end(company, row, BEFORE, BEFORE).valid_to == DAY[1]
    charge(company, [B], now)
    under(company, "b")
    generate(plant, TEN, ["18"], now)
    run(company, now)
    assert explain(Session.objects.get(), now).wish.standing is None


def test_the_card_goes_before_the_contract_and_the_charge_itself_before_both(plant, company, now):
    set_wish(company, Wished(order=(WIND,), strict=True), CONTRACT)
    card = set_wish(company, Wished(first=True, order=(SUN,)), CARD) if sun() else None
    charge(company, [B], now)
    under(company, "b", CONTRACT)
    under(company, "b", CARD)
    wish = explain(Session.objects.get(), now).wish
    assert (wish.standing, wish.preferences, wish.strict) == (card, (SUN,), False)
    own = {"order": [{"source": "F0104"}], "strict": True}
    Session.objects.update(preferences=own)
    wish = explain(Session.objects.get(), now).wish
    assert (wish.preferences[0].source, wish.strict, wish.green_tariff) == ("F0104", True, True)
    Session.objects.update(preferences=own | {"by": "driver"})
    assert explain(Session.objects.get(), now).wish.preferences == (SUN,)


def sun():
    return register_plant(
        make_organisation("Sun Ltd", "sun", Role.PRODUCER), timezone.now(), number=8
    )


def test_no_other_company_s_charges_have_it(plant, company, now):
    rival = make_organisation("Rival", "rival", Role.CHARGING_COMPANY)
    row = set_wish(rival)
    charge(company, [B, C], now)
    under(company, "c")
    generate(plant, TEN, ["18"], now)
    run(company, now)
    assert (got("b"), got("c")) == (9_000, 9_000)
    with pytest.raises(UnknownStandingWish):
        end(company, row, now, now)


@pytest.mark.parametrize(
    ("product", "wished", "words"),
    [
        (CONTRACT, Wished(), "Name what"),
        (CONTRACT, Wished(order=(Preference(supplier="nobody"),)), "no supplier"),
        (Product("contract", " - "), FIRST, "by its id"),
        (Product("token", "#NA"), FIRST, "by its id"),
        (Product("tariff", ""), FIRST, "by its id"),
        (Product("tariff", "x" * 65), FIRST, "by its id"),
        (Product("car", "x"), FIRST, "by its id"),
    ],
)
def test_what_nothing_can_come_of_is_refused(plant, company, product, wished, words):
    with pytest.raises(WishRefused, match=words):
        set_wish(company, wished, product)
    assert not StandingWish.objects.exists()


def test_only_a_charging_company_has_wishes(producer, plant):
    with pytest.raises(NotAChargingCompany):
        set_wish(producer)


@pytest.mark.parametrize("valid_to", [None, BEFORE - LATER])
def test_the_database_keeps_one_wish_without_an_end_and_no_period_backwards(company, valid_to):
    row = set_wish(company)
    row.pk, row.valid_to = None, valid_to
    with pytest.raises(IntegrityError), transaction.atomic():
        row.save(force_insert=True)


def test_marks_tell_products_and_companies_apart_and_spellings_not():
    assert contract_mark("a", "DE-ABC-C1") == contract_mark("a", "deabcc1")
    marks = {
        contract_mark("a", "X"), contract_mark("b", "X"), tariff_mark("a", "X"),
        token_mark("a", "", "X"), token_mark("a", "DE*ABC", "X"),
    }  # fmt: skip
    assert len(marks) == 5


def test_matching_asks_as_often_for_one_charge_as_for_many(
    plant, company, now, django_assert_num_queries
):
    from charging.queries.matching.wishes import wishes_of

    set_wish(company)
    rows = [B.replace("b,X", f"b{n},X{n}") for n in range(20)]
    charge(company, rows, now)
    Session.objects.update(contract_hmac=CONTRACT.mark(company))
    with django_assert_num_queries(3):
        assert len(wishes_of(company, *DAY, []).sessions) == 20


def test_the_page_sets_lists_and_ends_a_wish(client, plant, company):
    log_in(client, company)
    address = "/company/wishes/standing/"
    form = {"kind": "contract", "uid": CONTRACT.uid, "first": "on", "source-1": "F01050100"}
    page = client.post(address, form, follow=True).text
    assert "\u202611-X has this wish" in page
    assert "served first; to get Wind" in page
    assert CONTRACT.uid not in page
    row = StandingWish.objects.get()
    for _ in range(2):
        assert "has ended" in client.post(f"{address}{row.pk}/end/", follow=True).text
    assert StandingWish.objects.get().valid_to is not None
    refused = client.post(address, form | {"from": "soon"})
    assert refused.status_code == 422
    assert "is no day" in refused.text
    assert client.post(f"{address}{10**12}/end/", follow=True).status_code == 200
