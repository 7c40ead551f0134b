"""Certificates change hands by an offer: reserved meanwhile, moved or given back whole, once."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction

from certificates.domain.selection import Criteria
from certificates.errors import (
    CounterpartyRefused,
    HoldingRefused,
    OfferRefused,
    PolicyRefused,
    SelectionChanged,
    SelectionRefused,
    TransferRefused,
)
from certificates.models import Notice, Offer, RegistryPolicy
from certificates.queries.holding.holdings import held_wh, holdings
from certificates.queries.holding.selecting import device_sums, held_in, select
from certificates.queries.readings.mass_balance import mass_balance
from certificates.services.holding import counterparties, expiry
from certificates.services.holding.holds import Change, change_state
from certificates.services.holding.offers import (
    OfferRequest,
    accept,
    lapse_due,
    offer,
    reject,
    withdraw,
)
from certificates.services.holding.transfer import transfer
from certificates.services.issuing.issuance import issue
from certificates.services.meters.readings import import_readings
from certificates.services.organisations import register_organisation
from ledger.chain.memory import MemoryChain
from ledger.errors import KeyReused, Overdrawn
from ledger.models import AuditEvent, Entry, OutboxItem
from ledger.services.reconciliation import compare
from ledger.services.settlement import sweep
from ledger.services.settlement.failing import fail
from ledger.services.settlement.parcels import ITEMS_MOVES
from ledger.signals import entries_failed
from tests.certificates.conftest import NOW, meter_csv
from tests.certificates.services.issuing.test_corrections import YEAR, upload

NEW_YEAR = datetime(2018, 1, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture
def lots(device, produce):
    return produce("1", "2", "3")


@pytest.fixture
def stranger(db):
    return register_organisation(name="Stranger", slug="stranger", roles=["trader"], now=NOW)


def ask(source, destination, key="k", **more):
    criteria = more.pop("criteria", Criteria())
    return OfferRequest(source=source, destination=destination, criteria=criteria, key=key, **more)


def make(source, destination, key="k", **more) -> Offer:
    return offer(request=ask(source, destination, key, **more), now=NOW)


def left(made: Offer) -> int:
    return sum(row.amount_wh for row in held_in(made.sub_account.account_id))


def settle_and_compare():
    chain = MemoryChain(chain_id=202611, registry_id=1)
    sweep(chain=chain, clock=lambda: NOW)
    assert compare(chain).differences == ()
    assert not OutboxItem.objects.exclude(status="certified").exists()


def test_what_is_offered_is_reserved_and_changes_hands_when_accepted(farm, company, lots):
    made = make(farm, company, criteria=Criteria(amount_wh=2_500))
    assert (made.lots, made.amount_wh, left(made)) == (2, 2_500, 2_500)
    assert (held_wh(farm), held_wh(company)) == (3_500, 0)
    taken = accept(offer=made, by=company, now=NOW)
    assert (taken.status, taken.moved_wh) == ("accepted", 2_500)
    # The oldest come first, the last of them in part.
    assert [row.amount_wh for row in holdings(company)] == [1_000, 1_500]
    assert (held_wh(farm), left(made)) == (3_500, 0)
    settle_and_compare()


def test_what_is_offered_is_neither_transferred_nor_offered_again(farm, company, stranger, lots):
    make(farm, company)
    asset = lots[0].assets.get().asset_id
    with pytest.raises(Overdrawn):
        transfer(key="t", source=farm, destination=stranger, amounts={asset: 1}, now=NOW)
    with pytest.raises(SelectionRefused, match="holds no certificate"):
        make(farm, stranger, "other")


@pytest.mark.parametrize("end", [reject, withdraw])
def test_an_offer_that_ends_without_a_yes_gives_all_back(end, farm, company, lots):
    made = make(farm, company)
    ended = end(offer=made, by=company if end is reject else farm, now=NOW)
    assert (held_wh(farm), held_wh(company), ended.moved_wh) == (6_000, 0, 0)
    with pytest.raises(OfferRefused, match=f"This one was {ended.status}"):
        accept(offer=made, by=company, now=NOW)
    settle_and_compare()


def test_only_the_right_side_ends_an_offer(farm, company, stranger, lots):
    made = make(farm, company)
    for act, by, words in [
        (accept, farm, "Only the destination"),
        (reject, farm, "Only the destination"),
        (withdraw, company, "Only the source"),
        (accept, stranger, "no side"),
    ]:
        with pytest.raises(OfferRefused, match=words):
            act(offer=made, by=by, now=NOW)
    assert left(made) == 6_000


def test_a_double_click_does_nothing_twice(farm, company, lots):
    first = make(farm, company, criteria=Criteria(amount_wh=700))
    assert make(farm, company, criteria=Criteria(amount_wh=700)) == first
    accept(offer=first, by=company, now=NOW)
    accept(offer=first, by=company, now=NOW)
    assert (held_wh(company), held_wh(farm)) == (700, 5_300)
    assert AuditEvent.objects.filter(action="offer.accepted").count() == 1
    assert Notice.objects.filter(kind="offer").count() == 2


def test_a_key_stands_for_one_request(farm, company, lots):
    make(farm, company, criteria=Criteria(amount_wh=700))
    with pytest.raises(KeyReused):
        make(farm, company, criteria=Criteria(amount_wh=701))
    assert held_wh(farm) == 5_300


def test_an_offer_lapses_by_itself_and_cannot_be_accepted_after(farm, company, lots):
    made = make(farm, company, lapses_at=NOW + HOUR)
    with pytest.raises(OfferRefused, match="has lapsed"):
        accept(offer=made, by=company, now=NOW + HOUR)
    assert lapse_due(now=NOW + HOUR - timedelta(seconds=1)) == 0
    assert lapse_due(now=NOW + HOUR) == 1
    assert lapse_due(now=NOW + HOUR) == 0
    made.refresh_from_db()
    assert (made.status, held_wh(farm)) == ("lapsed", 6_000)


def test_an_offer_cannot_lapse_before_it_is_made(farm, company, lots):
    with pytest.raises(OfferRefused, match="before it is made"):
        make(farm, company, lapses_at=NOW)


@pytest.mark.parametrize(
    ("criteria", "wh"),
    [
        (Criteria(technology="T02"), 6_000),
        (Criteria(starts_at=NEW_YEAR + HOUR), 5_000),
        (Criteria(ends_at=NEW_YEAR + HOUR), 1_000),
        (Criteria(starts_at=NEW_YEAR, ends_at=NEW_YEAR + 2 * HOUR), 3_000),
        (Criteria(area="10YGB----------A", amount_wh=1), 1),
    ],
)
def test_criteria_pick_by_kind_area_period_and_amount(criteria, wh, farm, lots):
    assert select(farm, criteria).amount_wh == wh


def test_criteria_pick_by_plant(device, farm, lots):
    assert select(farm, Criteria(gsrns=(device.gsrn,))).amount_wh == 6_000
    (line,) = device_sums(select(farm, Criteria(gsrns=(device.gsrn,))))
    assert (line.lots, line.amount_wh, line.ends_at) == (3, 6_000, NEW_YEAR + 3 * HOUR)


@pytest.mark.parametrize(
    ("criteria", "words"),
    [
        (Criteria(technology="T01"), "holds no certificate"),
        (Criteria(amount_wh=6_001), "6000 Wh fit"),
        (Criteria(amount_wh=0), "positive"),
        (Criteria(starts_at=NEW_YEAR, ends_at=NEW_YEAR), "ends before"),
        (Criteria(starts_at=datetime(2018, 1, 1)), "time zone"),  # noqa: DTZ001
        (Criteria(picked={10**9: 1}), "0 Wh held"),
        (Criteria(picked={1: 0}), "positive"),
        (Criteria(picked={1: 1}, amount_wh=1), "not both"),
    ],
)
def test_criteria_that_pick_nothing_say_why(criteria, words, farm, company, lots):
    with pytest.raises(SelectionRefused, match=words):
        make(farm, company, criteria=criteria)
    assert not Offer.objects.exists()


def test_certificates_can_be_picked_one_by_one_and_in_part(farm, company, lots):
    assets = [lot.assets.get().asset_id for lot in lots]
    made = make(farm, company, criteria=Criteria(picked={assets[0]: 400, assets[2]: 3_000}))
    assert left(made) == 3_400
    with pytest.raises(SelectionRefused, match="600 Wh held, 601 Wh asked"):
        make(farm, company, "2", criteria=Criteria(picked={assets[0]: 601}))


def test_what_moves_is_what_was_shown(farm, company, lots):
    shown = select(farm, Criteria(amount_wh=1_500)).mark
    transfer(
        key="t",
        source=farm,
        destination=company,
        amounts={lots[0].assets.get().asset_id: 10},
        now=NOW,
    )
    with pytest.raises(SelectionChanged):
        make(farm, company, criteria=Criteria(amount_wh=1_500), seen=shown)
    again = select(farm, Criteria(amount_wh=1_500)).mark
    assert make(farm, company, criteria=Criteria(amount_wh=1_500), seen=again).pk


def test_a_correction_takes_what_is_free_before_what_is_offered(device, farm, company, lots):
    asset = lots[1].assets.get().asset_id
    made = make(farm, company, criteria=Criteria(picked={asset: 1_500}))
    upload(device, "1", "1.6", "3")
    assert (held_wh(farm), left(made)) == (4_100, 1_500)
    upload(device, "1", "0.9", "3")
    assert (held_wh(farm), left(made)) == (4_000, 900)
    with pytest.raises(SelectionChanged, match="900 Wh are left"):
        accept(offer=made, by=company, seen_wh=1_500, now=NOW)
    assert accept(offer=made, by=company, seen_wh=900, now=NOW).moved_wh == 900
    assert all(row.is_balanced for row in mass_balance(device, *YEAR))
    settle_and_compare()


def test_an_offer_of_which_nothing_is_left_cannot_be_accepted(device, farm, company, lots):
    made = make(farm, company, criteria=Criteria(ends_at=NEW_YEAR + HOUR))
    upload(device, "0", "2", "3")
    with pytest.raises(OfferRefused, match="Nothing is left"):
        accept(offer=made, by=company, now=NOW)
    assert withdraw(offer=made, by=farm, now=NOW).status == "withdrawn"


def test_offered_certificates_expire_too(farm, company, lots):
    made = make(farm, company)
    RegistryPolicy.objects.create(valid_from=NEW_YEAR, usable_months=12)
    assert expiry.expire(now=NOW) == 6_000
    assert left(made) == 0
    assert Notice.objects.get(kind="expired").organisation == farm


def test_what_is_too_old_is_neither_offered_nor_accepted(farm, company, lots):
    made = make(farm, company, criteria=Criteria(amount_wh=1))
    RegistryPolicy.objects.create(valid_from=NEW_YEAR, tradable_months=12)
    for act in (lambda: make(farm, company, "2"), lambda: accept(offer=made, by=company, now=NOW)):
        with pytest.raises(PolicyRefused):
            act()
    assert left(made) == 1


def test_lists_keep_others_out_on_either_side(farm, company, stranger, lots):
    set_rule = counterparties.set_rule
    set_rule(organisation=company, other=farm, rule="deny", now=NOW, actor="t")
    with pytest.raises(CounterpartyRefused, match="has denied Wind farm: the two do not trade"):
        make(farm, company)
    asset = lots[0].assets.get().asset_id
    with pytest.raises(CounterpartyRefused):
        transfer(key="t", source=farm, destination=company, amounts={asset: 1}, now=NOW)
    set_rule(organisation=company, other=farm, rule="", now=NOW, actor="t")
    set_rule(organisation=farm, other=stranger, rule="allow", now=NOW, actor="t")
    with pytest.raises(CounterpartyRefused, match="those alone that it has allowed"):
        make(farm, company)
    made = make(farm, stranger)
    set_rule(organisation=stranger, other=farm, rule="deny", now=NOW, actor="t")
    with pytest.raises(CounterpartyRefused):
        accept(offer=made, by=stranger, now=NOW)


def test_a_list_names_others_by_a_known_rule(farm, company):
    with pytest.raises(CounterpartyRefused):
        counterparties.set_rule(organisation=farm, other=farm, rule="deny", now=NOW, actor="t")
    with pytest.raises(CounterpartyRefused):
        counterparties.set_rule(organisation=farm, other=company, rule="no", now=NOW, actor="t")


def test_nobody_offers_to_themselves(farm, lots):
    with pytest.raises(TransferRefused, match="to itself"):
        make(farm, farm)


def test_what_is_offered_is_not_released_from_beside(farm, company, lots):
    make(farm, company)
    asset = lots[0].assets.get().asset_id
    for state in ("offered", "scheduled"):
        with pytest.raises(HoldingRefused, match="End that act first"):
            change_state(change=Change("withdraw", farm, {asset: 1}, state), key=state, now=NOW)


def test_the_database_refuses_an_offer_that_ended_at_no_time(farm, company, lots):
    made = make(farm, company)
    for changes in (
        {"status": "rejected"},
        {"status": "accepted", "ended_at": NOW},
        {"moved_wh": 1},
        {"destination": farm},
        {"lapses_at": NOW},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            Offer.objects.filter(pk=made.pk).update(**changes)


@pytest.fixture
def many(device):
    """More lots than one entry may move."""
    count = 2 * ITEMS_MOVES + 20
    lines = [f"{NEW_YEAR + n * HOUR:%Y-%m-%dT%H:%M}Z,1" for n in range(count)]
    import_readings(device=device, stream=meter_csv(*lines), name="m", selection={}, now=NOW)
    issue(device=device, now=NOW)
    return count


def test_more_than_a_batch_takes_moves_as_several_entries(many, farm, company):
    made = make(farm, company)
    assert (made.lots, made.amount_wh) == (many, 1_000 * many)
    accept(offer=made, by=company, now=NOW)
    assert held_wh(company) == 1_000 * many
    assert Entry.objects.filter(key__startswith=f"offer:{made.pk}:accept").count() == 3
    settle_and_compare()


def test_a_key_of_several_entries_stands_for_all_of_them(many, farm, company):
    amounts = dict.fromkeys((row.asset_id for row in holdings(farm)), 1)
    sent = {"key": "t", "source": farm, "destination": company, "now": NOW}
    first = transfer(**sent, amounts=amounts)
    assert transfer(**sent, amounts=amounts) == first
    for count in (1, ITEMS_MOVES, ITEMS_MOVES + 1):
        with pytest.raises(KeyReused):
            transfer(**sent, amounts=dict(list(amounts.items())[:count]))
    assert held_wh(company) == many


def test_what_the_chain_refuses_to_move_goes_back_to_its_source(farm, company, lots):
    made = make(farm, company)
    accept(offer=made, by=company, now=NOW)
    item = OutboxItem.objects.get(entry__key=f"offer:{made.pk}:accept")
    fallen = fail(item=item, reason="test", now=NOW)
    entries_failed.send(sender=None, entry_ids=fallen, reason="test")
    assert (held_wh(farm), held_wh(company), left(made)) == (6_000, 0, 0)
    assert Notice.objects.filter(message__contains="went back to Wind farm").count() == 2
