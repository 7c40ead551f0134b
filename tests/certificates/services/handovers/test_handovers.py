"""A plant passes to another owner, with what is open at it."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction

from certificates.errors import AgreementRefused, CounterpartyRefused, HandoverRefused
from certificates.models import (
    AgreementProposal,
    Handover,
    MeterFile,
    Notice,
    Reading,
    RegistryPolicy,
)
from certificates.queries.generator.handover_effect import effect_of, record_of
from certificates.queries.holding.agreements import agreements_of, proposals_of
from certificates.queries.holding.holdings import held_wh
from certificates.queries.plants.ownership import owners_of
from certificates.queries.readings.tallies import open_debt_wh
from certificates.services.handovers import handovers
from certificates.services.holding import agreement_proposals, counterparties
from certificates.services.holding.agreement_proposals import Terms
from certificates.services.holding.agreements import ALWAYS, agree, end
from certificates.services.holding.cancellations import cancel
from certificates.services.issuing.issuance import issue
from certificates.services.meters import review
from certificates.services.meters.readings import import_readings, upload
from certificates.services.organisations import register_organisation
from certificates.services.plants.devices import change_status, register_device
from tests.certificates.conftest import NOW, facts, meter_csv
from tests.certificates.services.holding.test_cancellations import ask
from tests.fixtures.lists import listed

DAY = date(2018, 1, 2)
AT = datetime(2018, 1, 2, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture
def buyer(db):
    return register_organisation(name="Buyer", slug="buyer", roles=["producer"], now=NOW)


@pytest.fixture
def meter(device):
    """Import values (kWh by hour from 2018-01-01T00:00Z on) and issue."""

    def make(values, *, issues=True, device=device):
        lines = [f"{AT - 24 * HOUR + hour * HOUR:%Y-%m-%dT%H:%MZ},{kwh}" for hour, kwh in values]
        lines += ["2017-06-01T00:00Z,0", "2017-06-01T01:00Z,0"]
        stream = meter_csv(*lines)
        import_readings(device=device, stream=stream, name="m", selection={}, now=NOW)
        if issues:
            issue(device=device, now=NOW)

    return make


@pytest.fixture
def propose(device, buyer):
    def make(on=DAY, **more):
        return handovers.propose(device=device, to=buyer, effective_on=on, now=NOW, **more)

    return make


@pytest.fixture
def hand_over(propose, buyer):
    def make(on=DAY, debt_wh=0):
        made = handovers.accept(handover=propose(on), by=buyer, debt_wh=debt_wh, now=NOW)
        # Later than what was agreed before, as every act is.
        return handovers.approve(handover=made, now=NOW + HOUR, actor="auditor")

    return make


def test_what_was_produced_before_is_the_sellers_however_late_its_data(
    farm, buyer, device, meter, hand_over
):
    meter([(0, "1"), (22, "2")])
    done = hand_over()
    device.refresh_from_db()
    assert (done.status, device.organisation) == ("done", buyer)
    meter([(23, "4"), (24, "8"), (25, "16")])
    assert (held_wh(farm), held_wh(buyer)) == (7_000, 24_000)
    assert (len(listed("lots", farm)), len(listed("lots", buyer))) == (3, 5)
    record = record_of(done)
    assert (record.produced_wh, record.certified_wh, record.held_wh) == (7_000, 7_000, 7_000)


def test_the_three_sides_are_told_and_the_log_says_who_did_what(farm, buyer, hand_over):
    hand_over()
    kinds = Notice.objects.filter(kind="handover")
    assert kinds.filter(organisation=buyer).count() == 2
    assert kinds.filter(organisation=farm).count() == 2


def test_each_act_again_changes_nothing(propose, buyer, device):
    made = propose()
    assert propose() == made
    taken = handovers.accept(handover=made, by=buyer, debt_wh=0, now=NOW)
    assert handovers.accept(handover=made, by=buyer, debt_wh=0, now=NOW) == taken
    done = handovers.approve(handover=made, now=NOW, actor="a")
    assert handovers.approve(handover=made, now=NOW + HOUR, actor="a").status == "done"
    assert handovers.take_effect_due(now=NOW + HOUR) == 0
    done.refresh_from_db()
    assert done.done_at == NOW
    with pytest.raises(HandoverRefused, match="Only a handover that is"):
        handovers.reject(handover=made, by=buyer, now=NOW)


def test_a_later_day_comes_into_force_by_the_sweep(farm, buyer, device, propose):
    ahead = (NOW + timedelta(days=3)).date()
    made = handovers.accept(handover=propose(ahead), by=buyer, debt_wh=0, now=NOW)
    assert handovers.approve(handover=made, now=NOW, actor="a").status == "approved"
    device.refresh_from_db()
    assert device.organisation == farm
    assert owners_of(device).at(NOW) == farm
    assert owners_of(device).at(NOW + timedelta(days=4)) == buyer
    assert handovers.take_effect_due(now=NOW + timedelta(days=2)) == 0
    assert handovers.take_effect_due(now=NOW + timedelta(days=3)) == 1
    device.refresh_from_db()
    assert device.organisation == buyer


def test_agreements_end_at_the_instant_and_hold_for_what_was_before(
    farm, buyer, company, device, meter, hand_over
):
    agreed = agree(device=device, to=company, share_ppm=500_000, now=NOW)
    assert effect_of(device, AT, NOW).agreements == [agreed]
    hand_over()
    agreed.refresh_from_db()
    assert agreed.ended_from == AT
    meter([(23, "4"), (24, "8")])
    assert (held_wh(farm), held_wh(company), held_wh(buyer)) == (2_000, 2_000, 8_000)
    assert Notice.objects.get(organisation=company).message.startswith("Turbine 2 passes to Buyer")
    assert [*agreements_of(farm)] == [*agreements_of(company)] == [agreed]
    assert [*agreements_of(buyer)] == []
    with pytest.raises(AgreementRefused, match="no side"):
        end(agreement=agreed, by=buyer, now=NOW)


def test_the_new_owner_agrees_on_its_own_time_only(farm, buyer, company, device, meter, hand_over):
    hand_over()
    early = AT - HOUR
    with pytest.raises(AgreementRefused, match="agree from then on"):
        agree(device=device, to=company, share_ppm=1, now=NOW, period=(early, None))
    made = agree(device=device, to=company, share_ppm=500_000, now=NOW + 2 * HOUR)
    assert made.starts_at == AT
    meter([(23, "4"), (24, "8")])
    assert (held_wh(farm), held_wh(company), held_wh(buyer)) == (4_000, 4_000, 4_000)
    assert [*agreements_of(farm)] == []


def test_an_owner_on_the_way_out_agrees_until_the_day_at_most(company, buyer, device, propose):
    ahead = (NOW + timedelta(days=3)).date()
    made = handovers.accept(handover=propose(ahead), by=buyer, debt_wh=0, now=NOW)
    handovers.approve(handover=made, now=NOW, actor="a")
    with pytest.raises(AgreementRefused, match="until then at most"):
        agree(device=device, to=company, share_ppm=1, now=NOW)
    until = made.effective_at
    agree(device=device, to=company, share_ppm=1, now=NOW, period=(ALWAYS, until))


def test_open_proposals_and_unconfirmed_files_lapse(farm, buyer, company, device, hand_over):
    terms = Terms(device=device, to=company, period=(ALWAYS, None), share_ppm=1)
    asked = agreement_proposals.propose(terms=terms, by=company, now=NOW)
    draft = upload(
        device=device,
        stream=meter_csv("2018-01-01T00:00Z,1", "2018-01-01T01:00Z,1"),
        name="draft.csv",
        selection={},
        now=NOW,
    )
    effect = effect_of(device, AT, NOW)
    assert (effect.drafts, effect.proposals) == (1, [asked])
    hand_over()
    draft.refresh_from_db()
    assert draft.status == MeterFile.Status.FAILED
    assert "changed hands" in draft.report["error"]["message"]
    assert AgreementProposal.objects.get().status == "withdrawn"
    assert [*proposals_of(farm)] == [asked]
    assert [*proposals_of(buyer)] == []


@pytest.fixture
def owing(farm, device, meter):
    """A plant that owes 1,500 Wh: it was certified for, and used, more than it made."""

    def make():
        meter([(0, "2")])
        cancel(request=ask(farm, "all"), now=NOW)
        meter([(0, "0.5")])
        assert open_debt_wh(device) == 1_500

    return make


def test_a_debt_goes_with_the_plant_to_a_buyer_who_saw_it(
    farm, buyer, device, owing, meter, propose, hand_over
):
    owing()
    with pytest.raises(HandoverRefused, match="owes 1500 Wh"):
        handovers.accept(handover=propose(), by=buyer, debt_wh=0, now=NOW)
    hand_over(debt_wh=1_500)
    meter([(24, "8")])
    assert (held_wh(buyer), open_debt_wh(device)) == (6_500, 0)


def test_a_debt_that_grew_after_the_buyer_accepted_stops_the_approval(
    buyer, device, owing, propose
):
    made = handovers.accept(handover=propose(), by=buyer, debt_wh=0, now=NOW)
    owing()
    with pytest.raises(HandoverRefused, match="owes 1500 Wh by now; Buyer accepted 0 Wh"):
        handovers.approve(handover=made, now=NOW, actor="a")
    made.refresh_from_db()
    assert made.status == "accepted"


def test_a_correction_of_the_sellers_time_waits_for_an_auditor_and_takes_from_the_seller(
    farm, buyer, device, meter, hand_over
):
    meter([(0, "2"), (1, "2")])
    hand_over()
    meter([(0, "0.5"), (24, "8")])
    held = Reading.objects.get(status="held")
    assert "changed hands (2018-01-02)" in held.hold_reason
    assert (held_wh(farm), held_wh(buyer)) == (4_000, 8_000)
    review.release(reading=held, reason="The meter says so.", now=NOW, actor="auditor")
    assert (held_wh(farm), held_wh(buyer)) == (2_500, 8_000)
    told = Notice.objects.get(kind="withdrawn")
    assert (told.organisation, told.amount_wh) == (farm, 1_500)
    assert open_debt_wh(device) == 0


def test_a_day_that_is_certified_already_is_too_early(farm, buyer, meter, propose):
    meter([(23, "1"), (24, "2")])
    with pytest.raises(HandoverRefused, match=r"2000 Wh .* certified already"):
        propose()
    made = propose(date(2018, 1, 3))
    meter([(48, "4")])
    with pytest.raises(HandoverRefused, match=r"4000 Wh .* certified already"):
        handovers.accept(handover=made, by=buyer, debt_wh=0, now=NOW)


def test_one_handover_is_under_way_at_a_time(farm, buyer, device, propose):
    made = propose()
    other = register_organisation(name="Other", slug="other", roles=["producer"], now=NOW)
    with pytest.raises(HandoverRefused, match="already"):
        handovers.propose(device=device, to=other, effective_on=DAY, now=NOW)
    handovers.withdraw(handover=made, by=farm, now=NOW)
    assert handovers.propose(device=device, to=other, effective_on=DAY, now=NOW) != made


def test_each_side_does_its_own_acts_alone(farm, buyer, company, propose):
    made = propose()
    with pytest.raises(HandoverRefused, match="Only the new owner may accept"):
        handovers.accept(handover=made, by=farm, debt_wh=0, now=NOW)
    with pytest.raises(HandoverRefused, match="no side"):
        handovers.accept(handover=made, by=company, debt_wh=0, now=NOW)
    with pytest.raises(HandoverRefused, match="Only the owner may withdraw"):
        handovers.withdraw(handover=made, by=buyer, now=NOW)
    with pytest.raises(HandoverRefused, match="is accepted can be approved"):
        handovers.approve(handover=made, now=NOW, actor="a")
    with pytest.raises(HandoverRefused, match="Say why"):
        handovers.refuse(handover=made, reason=" ", now=NOW, actor="a")


def test_the_registry_refuses_with_a_reason(farm, buyer, device, propose):
    made = handovers.accept(handover=propose(), by=buyer, debt_wh=0, now=NOW)
    refused = handovers.refuse(handover=made, reason="Send the deed.", now=NOW, actor="a")
    assert (refused.status, refused.reason) == ("refused", "Send the deed.")
    device.refresh_from_db()
    assert device.organisation == farm
    assert Notice.objects.filter(message__contains="Send the deed.").count() == 2


def test_a_policy_may_do_without_approval(buyer, device, propose):
    RegistryPolicy.objects.create(valid_from=AT, handovers_need_approval=False)
    made = handovers.accept(handover=propose(), by=buyer, debt_wh=0, now=NOW)
    assert made.status == "done"


def test_what_cannot_be_handed_over_says_so(farm, buyer, company, device, abroad, propose):
    give = {"effective_on": DAY, "now": NOW}
    with pytest.raises(HandoverRefused, match="only what this registry certifies"):
        handovers.propose(device=abroad, to=buyer, **give)
    with pytest.raises(HandoverRefused, match="owns Turbine 2 already"):
        handovers.propose(device=device, to=farm, **give)
    with pytest.raises(HandoverRefused, match="no producer"):
        handovers.propose(device=device, to=company, **give)
    new = register_device(facts=facts(name="Turbine 3"), now=NOW)
    with pytest.raises(HandoverRefused, match="is submitted"):
        handovers.propose(device=new, to=buyer, **give)
    with pytest.raises(HandoverRefused, match="more than a year ahead"):
        propose(date(2021, 1, 1))
    with pytest.raises(HandoverRefused, match="at most 500"):
        propose(message="x" * 501)
    counterparties.set_rule(organisation=buyer, other=farm, rule="deny", now=NOW, actor="t")
    with pytest.raises(CounterpartyRefused):
        propose()
    change_status(device=device, status="decommissioned", now=NOW, actor="t")
    with pytest.raises(HandoverRefused, match="is decommissioned"):
        propose()
    assert not Handover.objects.exists()


def test_a_plant_is_sold_again_only_after_the_last_time(farm, buyer, device, hand_over):
    hand_over()
    with pytest.raises(HandoverRefused, match="has to come after"):
        handovers.propose(device=device, to=farm, effective_on=DAY, now=NOW)


def test_the_remainder_of_a_whole_mwh_goes_with_the_plant(farm, buyer, meter):
    whole = register_device(
        facts=facts(name="Whole", whole_certificates=True), now=NOW, approve=True
    )
    meter([(0, "1600")], device=whole)
    assert held_wh(farm) == 1_000_000
    made = handovers.propose(device=whole, to=buyer, effective_on=DAY, now=NOW)
    assert effect_of(whole, AT, NOW).waiting_wh == 600_000
    handovers.accept(handover=made, by=buyer, debt_wh=0, now=NOW)
    handovers.approve(handover=made, now=NOW, actor="a")
    meter([(24, "500")], device=whole)
    assert (held_wh(farm), held_wh(buyer)) == (1_000_000, 1_000_000)
    meter([(23, "1900")], device=whole)
    assert (held_wh(farm), held_wh(buyer)) == (2_000_000, 2_000_000)


def test_the_database_keeps_one_open_handover_and_its_times(device, farm, buyer, propose):
    made = propose()
    row = {"device": device, "seller": farm, "buyer": buyer, "effective_on": DAY}
    row |= {"effective_at": AT, "proposed_at": NOW}
    with pytest.raises(IntegrityError), transaction.atomic():
        Handover.objects.create(**row)
    for changes in ({"status": "done"}, {"status": "accepted"}, {"buyer": farm}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Handover.objects.filter(pk=made.pk).update(**changes)
