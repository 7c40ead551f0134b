"""Random records, settlements and corrections of both meters: nothing is made of nothing.

generated + deficit = issued - corrected + waiting + withheld       (of every hour of the plant)
charged with certificates = given back + lost + still stored        (of every charge)
given back <= discharged, and <= what was drawn                     (of every discharge)
issued = held + retired + withdrawn, and the book says what the chain says
"""

from contextlib import suppress
from datetime import timedelta
from itertools import count

import pytest
from django.db.models import F, Sum
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from certificates.domain.storage.flows import read_lines
from certificates.domain.storage.terms import METHODS, loss_interval
from certificates.errors import LinesRefused, StorageRefused, StorageUnbalanced
from certificates.models import (
    ChargeAllocation,
    DischargePart,
    LossInterval,
    Lot,
    StorageAct,
    StorageRecord,
    StoredPart,
)
from certificates.queries.holding.selecting import held_in
from certificates.queries.readings.mass_balance import mass_balance
from certificates.queries.readings.tallies import open_debt_wh
from certificates.queries.storage.chain import chain_of
from certificates.queries.storage.pages import corrected_origins, open_interval, stored_origins
from certificates.queries.storage.records import next_interval
from certificates.services import reference
from certificates.services.holding.cancellations import UNDO
from certificates.services.issuing.issuance import issue
from certificates.services.meters.readings import import_again, import_readings
from certificates.services.organisations import register_organisation
from certificates.services.plants.devices import register_device
from certificates.services.storage import acts as storage_acts
from certificates.services.storage import undoing as storage_undoing
from certificates.services.storage.devices import register_storage
from certificates.services.storage.records import withdraw
from ledger.chain.memory import MemoryChain
from ledger.models import Balance
from ledger.services.reconciliation import compare
from ledger.services.settlement import sweep
from tests.certificates.conftest import NOW, facts, meter_csv
from tests.certificates.stored import HOUR, START, charge, line, settle_losses, storage_facts, take
from tests.machines import RolledBack

MONTHS = (0, 31 * 24, 59 * 24)  # the first hours of January, February and March
HOURS = 5
hours = st.builds(lambda m, h: m + h, st.sampled_from(MONTHS), st.integers(0, HOURS - 1))
wh = st.integers(1, 1_200)


class Storage(RolledBack):
    """A plant and a battery of one owner; what the plant makes may be charged."""

    @initialize(method=st.sampled_from(sorted(METHODS)), opening=st.integers(0, 300))
    def open(self, method, opening) -> None:
        reference.load()
        self.owner = register_organisation(name="farm", slug="farm", roles=["producer"], now=NOW)
        self.plant = register_device(facts=facts(), now=NOW, approve=True)
        stated = storage_facts(method=method, opening_wh=opening)
        self.battery = register_storage(facts=stated, now=NOW, approve=True)
        self.opening = opening
        lines = [
            f"{(START + timedelta(hours=m + h)).isoformat()},{0.7 if h % 2 else 1.1}"
            for m in MONTHS
            for h in range(HOURS)
        ]
        made = {"device": self.plant, "name": "m", "selection": {}, "now": NOW}
        import_readings(stream=meter_csv(*lines), **made)
        issue(now=NOW)
        self.chain = MemoryChain(chain_id=202611, registry_id=1)
        ticks = count()
        self.clock = lambda: NOW + timedelta(seconds=next(ticks))

    @rule(ins=st.tuples(wh, wh), out=st.integers(1, 100))
    def work(self, ins, out) -> None:
        """Two hours in, then two hours out, less than went in, where losses are not settled."""
        begin, _ = next_interval(self.battery.storage_terms)
        month = (begin - START) // HOUR
        if month > MONTHS[-1]:
            return
        outs = [max(1, sum(ins) * out // 220)] * 2
        flows = [-ins[0], -ins[1], *outs]
        lines = [line(month + h, each) for h, each in enumerate(flows)]
        try:
            take(self.battery, *lines, replace=True)
        except LinesRefused as error:
            assert "Overlaps" in error.lines[0].message  # noqa: PT017
        else:
            charge(self.battery)

    @rule(at=hours, energy=wh, out=st.booleans(), replaces=st.booleans())
    def record(self, at, energy, out, replaces) -> None:
        try:
            take(self.battery, line(at, energy if out else -energy), replace=replaces)
        except LinesRefused as error:
            words = error.lines[0].message
            assert "already" in words or "settled" in words

    @rule(n=st.integers(0, 50))
    def take_back(self, n) -> None:
        rows = list(StorageRecord.objects.filter(status="in_force"))
        if rows:
            try:
                ids = [rows[n % len(rows)].pk]
                withdraw(device=self.battery, record_ids=ids, now=NOW, actor="test")
            except LinesRefused as error:
                assert "settled" in error.lines[0].message  # noqa: PT017

    @rule()
    def charge(self) -> None:
        charge(self.battery)
        assert charge(self.battery).retirements == 0

    @rule()
    def plan(self) -> None:
        """By page: what fits is set apart."""
        period = {"starts_at": START, "ends_at": NOW, "seen_wh": None}
        try:
            storage_acts.charge(device=self.battery, **period, now=NOW, actor="owner")
        except StorageRefused as error:
            assert "hold nothing that fits" in str(error)  # noqa: PT017

    @rule(ins=wh, at=hours, replaces=st.booleans())
    def send_by_page(self, ins, at, replaces) -> None:
        flows = read_lines([line(at, -ins)])
        act = {"flows": flows, "replace": replaces, "now": NOW, "actor": "owner"}
        with suppress(LinesRefused):
            storage_acts.send_records(device=self.battery, **act)

    @rule(n=st.integers(0, 50), undoes=st.booleans())
    def end_an_act(self, n, undoes) -> None:
        """Undo, or let ten minutes pass."""
        acts = list(StorageAct.objects.filter(status="scheduled"))
        if not acts:
            return
        act = acts[n % len(acts)]
        try:
            if undoes:
                storage_undoing.undo(act=act, now=NOW, actor="owner")
            else:
                storage_undoing.carry_out(act=act, now=NOW + UNDO)
        except StorageRefused as error:
            assert "settled meanwhile" in str(error)  # noqa: PT017
        else:
            assert act.sub_account is None or not held_in(act.sub_account.account_id)

    @rule()
    def settle_on_the_chain(self) -> None:
        sweep(chain=self.chain, clock=self.clock)
        assert compare(self.chain).differences == ()

    @rule(at=hours, wh=st.integers(0, 1_500))
    def correct_the_plant(self, at, wh) -> None:
        """Its meter states another total, whatever became of the hour's certificates."""
        given = self.given_back()
        line_ = f"{(START + timedelta(hours=at)).isoformat()},{wh / 1000:.3f}"
        file = {"device": self.plant, "name": "m", "selection": {}, "now": NOW}
        import_again(stream=meter_csv(line_), **file)
        issue(now=NOW)
        assert self.given_back() == given

    def given_back(self) -> list[tuple[int, int]]:
        """The certificates of the battery: a correction of the plant leaves them alone."""
        found = Lot.objects.filter(device=self.battery).order_by("pk")
        return list(found.values_list("pk", "amount_wh"))

    @rule(part=st.integers(0, 120), waits=st.booleans())
    def settle_losses(self, part, waits) -> None:
        """Of what can still be stored a part; sometimes more than can be."""
        if waits:
            self.settle_on_the_chain()
        begin, _ = next_interval(self.battery.storage_terms)
        now = open_interval(self.battery)
        if not now.records and part < 100:
            return
        before = sum(one.amount_wh for one in stored_origins(self.battery))
        stored = max(0, before + now.input_wh - now.output_wh) * part // 100
        try:
            interval = settle_losses(self.battery, stored, begin)
        except (StorageRefused, StorageUnbalanced):
            assert not LossInterval.objects.filter(starts_at=begin).exists()
        else:
            assert settle_losses(self.battery, stored, begin) == interval

    @rule(ins=st.tuples(wh, wh), out=st.integers(1, 100), part=st.integers(0, 100))
    def live_through_an_interval(self, ins, out, part) -> None:
        """What usually happens, from charge to certificate, around whatever is there."""
        self.work(ins, out)
        self.settle_losses(part, waits=True)

    @invariant()
    def every_interval_is_balanced_and_begins_with_what_the_last_left(self) -> None:
        if not hasattr(self, "battery"):
            return
        before = self.opening
        begin = START
        for one in LossInterval.objects.order_by("starts_at"):
            assert (one.starts_at, one.opening_wh) == (begin, before)
            span = {"starts_at__gte": one.starts_at, "starts_at__lt": one.ends_at}
            in_force = StorageRecord.objects.filter(status="in_force", **span)
            charged = in_force.filter(direction="charge").aggregate(wh=Sum("energy_wh", default=0))
            assert one.input_wh == charged["wh"]
            parts = one.parts.aggregate(
                amount=Sum("amount_wh", default=0),
                given=Sum("given_wh", default=0),
                left=Sum("left_wh", default=0),
            )
            assert parts["amount"] == one.opening_wh + one.input_wh
            assert (parts["given"], parts["left"]) == (one.given_wh, one.stored_wh)
            assert one.given_wh <= one.output_wh <= one.gone_wh
            before, begin = one.stored_wh, one.ends_at
            assert loss_interval(START, 1, one.starts_at)[1] == one.ends_at

    @invariant()
    def nothing_comes_back_of_a_charge_that_was_not_retired_for_it(self) -> None:
        for one in ChargeAllocation.objects.standing().select_related("retirement"):
            mine = StoredPart.objects.filter(allocation=one).order_by("interval__starts_at")
            parts = list(mine)
            if not parts:
                continue
            assert parts[0].amount_wh <= one.retirement.amount_wh
            drawn, given, lost = (
                sum(getattr(part, name) for part in parts)
                for name in ("drawn_wh", "given_wh", "lost_wh")
            )
            assert parts[0].amount_wh == drawn + lost + parts[-1].left_wh
            assert given <= drawn
            out = DischargePart.objects.filter(allocation=one).aggregate(
                drawn=Sum("drawn_wh", default=0), given=Sum("given_wh", default=0)
            )
            assert (out["drawn"], out["given"]) == (drawn, given)

    @invariant()
    def a_discharge_gives_no_more_than_came_out_and_only_of_earlier_charges(self) -> None:
        given = DischargePart.objects.values("discharge", "discharge__energy_wh")
        for row in given.annotate(wh=Sum("given_wh")):
            assert row["wh"] <= row["discharge__energy_wh"]
        late = DischargePart.objects.filter(
            allocation__charge__ends_at__gt=F("discharge__starts_at")
        )
        assert not late.exists()

    @invariant()
    def every_hour_of_the_plant_is_balanced_and_its_debt_is_on_record(self) -> None:
        if not hasattr(self, "battery"):
            return
        rows = mass_balance(self.plant, START, NOW)
        assert all(row.is_balanced for row in rows)
        assert open_debt_wh(self.plant) == sum(row.owed_wh - row.withheld_wh for row in rows) >= 0
        generated = sum(row.generated_wh for row in rows)
        standing = sum(row.issued_wh - row.withdrawn_wh for row in rows)
        waiting = sum(row.waiting_wh for row in rows)
        covered = sum(row.covered_wh for row in rows)
        # Whatever was stored and given back: the plant made what stands, owes it, or its owner
        # gave what storage had given back in that hour for it.
        assert standing + waiting == generated + covered + open_debt_wh(self.plant)

    @invariant()
    def a_shortfall_is_carried_to_what_came_back_and_no_further(self) -> None:
        if not hasattr(self, "battery"):
            return
        for one in corrected_origins(self.battery, NOW):
            assert one.missing_wh <= one.retired_wh <= one.shortfall.retired_wh
            assert one.given_missing_wh <= min(one.given_wh, one.missing_wh)
            assert one.shortfall.deficit_wh > 0
        for link in chain_of(Lot.objects.values_list("pk", flat=True), NOW):
            assert 0 <= link.missing_wh <= link.given_wh

    @invariant()
    def what_is_held_and_used_was_made_once_or_given_back(self) -> None:
        if not hasattr(self, "owner"):
            return
        lots = Lot.objects.standing().aggregate(wh=Sum("amount_wh", default=0))["wh"]
        gone = Balance.objects.filter(account__system__in=["retired", "withdrawn"])
        used = gone.aggregate(wh=Sum("amount", default=0))["wh"]
        held = Balance.objects.filter(account__system="").aggregate(wh=Sum("amount", default=0))
        assert lots == held["wh"] + used
        back = Lot.objects.filter(device=self.battery).aggregate(wh=Sum("amount_wh", default=0))
        total = LossInterval.objects.aggregate(wh=Sum("given_wh", default=0))
        assert back["wh"] == total["wh"]


@pytest.mark.django_db
def test_no_wh_is_made_by_any_sequence_of_charges_and_discharges(data_dir):
    run_state_machine_as_test(
        Storage,
        settings=settings(
            max_examples=14,
            stateful_step_count=16,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
