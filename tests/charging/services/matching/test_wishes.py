"""A company's wishes for its charges hold until they are matched, and nobody else's change."""

import pytest

from certificates.models import Role, User
from charging.domain.matching.terms import Preference
from charging.domain.wishes import Wished
from charging.errors import WishRefused
from charging.models import Session, SessionFile
from charging.queries.matching.open_charges import Which, open_charges, wish_counts
from charging.queries.receipts.receipt import find_receipt
from charging.services.matching.runs import match
from charging.services.matching.wishes import wish, wish_of_driver
from charging.services.receipts import claim_receipt
from ledger.models import AuditEvent
from tests.charging.conftest import make_organisation
from tests.charging.plant import charge, generate, register_plant, share_all
from tests.charging.queries.matching.test_wishes import C
from tests.charging.services.matching.test_runs import DAY, TEN, B, got
from tests.charging.views.company.test_home import log_in

WIND = Preference(source="F01050100")


@pytest.fixture
def plant(producer, company, now):
    device = register_plant(producer, now)
    share_all(device, company, now)
    return device


def set_wish(company, now, wished, **which):
    return wish(organisation=company, which=Which(**which), wished=wished, actor="test", now=now)


def run(company, now):
    return match(organisation=company, starts_at=DAY[0], ends_at=DAY[1], now=now)


def test_charges_of_one_file_are_served_first(plant, company, now):
    charge(company, [B], now)
    charge(company, [C], now)
    file = SessionFile.objects.latest("pk")
    for _ in range(2):
        assert set_wish(company, now, Wished(first=True), file=file) == 1
    generate(plant, TEN, ["18"], now)
    run(company, now)
    assert (got("b"), got("c")) == (3_000, 15_000)
    event = AuditEvent.objects.filter(action="sessions.wished").latest("pk")
    assert (event.detail["charges"], event.detail["file"]) == (1, file.key)


def test_what_was_matched_keeps_its_wish(plant, company, now):
    charge(company, [B, C], now)
    generate(plant, TEN, ["18"], now)
    run(company, now)
    assert open_charges(company, Which()).count() == 0
    assert set_wish(company, now, Wished(order=(WIND,), strict=True)) == 0
    assert set(Session.objects.values_list("green_tariff", flat=True)) == {False}
    assert not AuditEvent.objects.filter(action="sessions.wished").exists()


def test_a_strict_wish_for_a_supplier_leaves_out_all_others(plant, company, now):
    other = make_organisation("Sun Ltd", "sun", Role.PRODUCER)
    register_plant(other, now, number=8)
    charge(company, [B, C], now)
    site = Session.objects.get(uid="C").evse.location
    sun = Wished(order=(Preference(supplier="sun"),), strict=True)
    assert set_wish(company, now, sun, site=site) == 1
    generate(plant, TEN, ["40"], now)
    run(company, now)
    assert (got("b"), got("c")) == (15_000, 0)


def test_wishes_are_counted_and_narrowed_by_day(plant, company, now):
    charge(company, [B, C], now)
    assert set_wish(company, now, Wished(order=(WIND,)), starts_at=DAY[1]) == 0
    assert set_wish(company, now, Wished(order=(WIND,)), starts_at=DAY[0], ends_at=DAY[1]) == 2
    (row,) = wish_counts(company)
    assert (row.wished, row.charges) == (Wished(order=(WIND,)), 2)
    assert set_wish(company, now, Wished()) == 2
    assert wish_counts(company)[0].wished == Wished()


@pytest.mark.parametrize(
    ("wished", "words"),
    [
        (Wished(strict=True), "Name what"),
        (Wished(order=(WIND, WIND)), "each preference once"),
        (Wished(order=(Preference(),)), "names a supplier"),
        (Wished(order=(Preference(supplier="nobody"),)), "no supplier"),
        (Wished(order=(Preference(source="F"),)), "no source"),
        (Wished(order=tuple(Preference(supplier=str(n)) for n in range(6))), "at most"),
    ],
)
def test_a_wish_that_nothing_can_come_of_is_refused(plant, company, now, wished, words):
    charge(company, [B], now)
    with pytest.raises(WishRefused, match=words):
        set_wish(company, now, wished)
    assert Session.objects.get().preferences == {}


def test_another_company_s_charges_are_left_alone(plant, company, now):
    charge(company, [B], now)
    rival = make_organisation("Rival", "rival", Role.CHARGING_COMPANY)
    assert set_wish(rival, now, Wished(first=True)) == 0
    assert set_wish(rival, now, Wished(first=True), file=SessionFile.objects.get()) == 0


def test_the_page_sets_a_wish_and_says_what_is_wrong(client, plant, company, now):
    charge(company, [B, C], now)
    log_in(client, company)
    page = client.get("/company/wishes/").text
    assert "2 charges, 30.0\u202fkWh: no wish" in page.replace("\xa0", " ")
    form = {"first": "on", "source-1": "F01050100", "supplier-2": "wind"}
    page = client.post("/company/wishes/?from=2018-06-01&to=2018-06-01", form, follow=True).text
    assert "2 charges have this wish now" in page
    assert "served first" in page
    assert "then anything else" in page
    assert Session.objects.first().preferences["order"][1] == {"supplier": "wind", "source": ""}
    for bad in ("?from=<b>", "?to=2018-02-30"):
        answer = client.get(f"/company/wishes/{bad}")
        assert (answer.status_code, "is no day" in answer.text) == (422, True)
    answer = client.post("/company/wishes/", {"source-1": "x" * 999})
    assert (answer.status_code, "no source" in answer.text) == (422, True)
    assert client.get("/company/wishes/?site=9&file=9").status_code == 200


@pytest.fixture
def driver(plant, company, now):
    charge(company, [B, C], now)
    driver = User.objects.create_user("driver@example.org", "correct horse battery")
    claim_receipt(public_id=find_receipt("c").public_id, driver=driver, now=now)
    return driver


def test_a_driver_s_wish_holds_for_their_own_open_charges_until_it_is_taken_back(driver, now):
    for _ in range(2):
        assert wish_of_driver(driver=driver, source=WIND.source, now=now) == 1
    assert dict(Session.objects.values_list("uid", "preferences")) == {
        "B": {},
        "C": {"order": [{"supplier": "", "source": WIND.source}], "strict": False, "by": "driver"},
    }
    assert wish_of_driver(driver=driver, source="", now=now) == 1
    assert Session.objects.get(uid="C").preferences == {}
    assert AuditEvent.objects.filter(action="driver.wished").count() == 3


def test_what_the_company_set_stays_and_the_company_may_set_over_a_driver(driver, company, now):
    wish_of_driver(driver=driver, source=WIND.source, now=now)
    assert [row.charges for row in wish_counts(company)] == [1, 1]
    set_wish(company, now, Wished(order=(Preference(supplier="wind"),)))
    assert [row.charges for row in wish_counts(company)] == [2]
    assert wish_of_driver(driver=driver, source=WIND.source, now=now) == 0
    assert Session.objects.get(uid="C").preferences["order"][0]["supplier"] == "wind"


def test_a_driver_s_matched_charge_wishes_no_more(driver, plant, company, now):
    generate(plant, TEN, ["18"], now)
    run(company, now)
    assert wish_of_driver(driver=driver, source=WIND.source, now=now) == 0
    with pytest.raises(WishRefused):
        wish_of_driver(driver=driver, source="F", now=now)


def test_a_driver_wishes_on_their_page(client, driver):
    client.force_login(driver)
    assert "1 charge waits" in client.get("/driver/").text
    answer = client.post("/driver/wish/", {"source": WIND.source}, follow=True)
    assert f'value="{WIND.source}" selected' in answer.text
    assert client.post("/driver/wish/", {"source": "<b>"}).status_code == 422
