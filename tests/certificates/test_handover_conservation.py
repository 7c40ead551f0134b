"""Any sequence of sales, late readings and corrections: each Wh once, to whose it was."""

import io
from datetime import UTC, date, datetime, timedelta
from itertools import count

import pytest
from django.db.models import Sum
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from certificates.errors import HandoverRefused
from certificates.models import Lot
from certificates.queries.readings.mass_balance import mass_balance
from certificates.queries.readings.tallies import open_debt_wh
from certificates.services import reference
from certificates.services.handovers import handovers
from certificates.services.holding.agreements import agree
from certificates.services.issuing.issuance import issue
from certificates.services.meters.readings import import_readings
from certificates.services.organisations import register_organisation
from certificates.services.plants.devices import register_device
from ledger.models import Balance, Posting
from tests.certificates.conftest import NOW, facts
from tests.fixtures.lists import listed
from tests.machines import RolledBack

FIRST = date(2018, 1, 1)
START = datetime(2018, 1, 1, tzinfo=UTC)
PERIOD = START - timedelta(days=300), START + timedelta(days=30)
DAYS, MWH = 6, 1_000_000
values = st.dictionaries(
    st.tuples(st.integers(0, DAYS - 1), st.sampled_from([0, 23])),
    st.integers(0, 1_900),
    min_size=1,
    max_size=4,
)


class Sales(RolledBack):
    """Two plants, by the Wh and in whole MWh, go round among three owners."""

    @initialize()
    def open(self) -> None:
        reference.load()
        names = ("farm", "second", "third")
        self.owners = [
            register_organisation(name=name, slug=name, roles=["producer"], now=NOW)
            for name in names
        ]
        self.company = register_organisation(
            name="company", slug="company", roles=["charging_company"], now=NOW
        )
        stated = [facts(name="by the Wh"), facts(name="whole", whole_certificates=True)]
        self.plants = [register_device(facts=f, now=NOW, approve=True) for f in stated]
        for plant in self.plants:
            agree(device=plant, to=self.company, share_ppm=300_000, now=NOW)
        # Who owns each plant, from which day on, as this test knows it.
        self.known = [[(0, self.owners[0])], [(0, self.owners[0])]]
        self.clock = (NOW + timedelta(seconds=n) for n in count())

    def owner(self, plant: int, day: int):
        return [owner for since, owner in self.known[plant] if since <= day][-1]

    @rule(plant=st.sampled_from([0, 1]), kwh=values, issues=st.booleans())
    def upload(self, plant, kwh, issues) -> None:
        lines = [
            f"{START + timedelta(days=day, hours=hour):%Y-%m-%dT%H:%MZ},{value}"
            for (day, hour), value in sorted(kwh.items())
        ]
        lines += ["2017-06-01T00:00Z,0", "2017-06-01T01:00Z,0"]
        text = "\n".join(["interval_start_utc,energy_kwh", *lines])
        stream = io.BytesIO(text.encode() + b"\n" * int(next(self.clock).timestamp() % 10_000))
        device = self.plants[plant]
        import_readings(device=device, stream=stream, name="m", selection={}, now=NOW)
        if issues:
            issue(device=device, now=NOW)

    @rule(plant=st.sampled_from([0, 1]), to=st.integers(0, 2), day=st.integers(1, DAYS - 1))
    def sell(self, plant, to, day) -> None:
        device, buyer, now = self.plants[plant], self.owners[to], next(self.clock)
        device.refresh_from_db()
        later = Lot.objects.standing().filter(
            device=device, starts_at__gte=START + timedelta(days=day)
        )
        allowed = (
            device.organisation_id != buyer.pk
            and day > self.known[plant][-1][0]
            and not later.exists()
        )
        try:
            made = handovers.propose(
                device=device, to=buyer, effective_on=FIRST + timedelta(days=day), now=now
            )
        except HandoverRefused:
            assert not allowed
            return
        assert allowed
        debt = open_debt_wh(device)
        handovers.accept(handover=made, by=buyer, debt_wh=debt, now=now)
        handovers.approve(handover=made, now=now, actor="auditor")
        self.known[plant].append((day, buyer))

    @invariant()
    def every_interval_is_issued_at_most_once_to_its_owner(self) -> None:
        if not hasattr(self, "plants"):
            return
        rows = Posting.objects.filter(source__system="issued", entry__lot__device=self.plants[0])
        for at, account, _ in rows.values_list("entry__lot__starts_at", "destination", "amount"):
            if account != self.company.account_id:
                assert account == self.owner(0, (at - START).days).account_id
        for plant in self.plants:
            assert all(row.is_balanced for row in mass_balance(plant, *PERIOD))

    @invariant()
    def shares_are_given_of_the_first_owners_time_alone(self) -> None:
        if not hasattr(self, "plants"):
            return
        given = Posting.objects.filter(
            source__system="issued",
            destination=self.company.account_id,
            entry__lot__device=self.plants[0],
        )
        for at in given.values_list("entry__lot__starts_at", flat=True):
            assert len([1 for since, _ in self.known[0] if since <= (at - START).days]) == 1

    @invariant()
    def nobody_has_a_part_of_a_whole_mwh(self) -> None:
        if not hasattr(self, "plants"):
            return
        whole = Balance.objects.filter(asset__lot_asset__lot__device=self.plants[1])
        sums = whole.exclude(account__system="issued").values_list("account").order_by()
        assert all(wh % MWH == 0 for _, wh in sums.annotate(wh=Sum("amount")))

    @invariant()
    def a_former_owner_sees_what_it_had_and_nothing_after(self) -> None:
        if not hasattr(self, "plants"):
            return
        for owner in self.owners:
            seen = {(row["gsrn"], row["starts_at"]) for row in listed("lots", owner)}
            for n, plant in enumerate(self.plants):
                now_owns = self.known[n][-1][1] == owner
                for at in plant.lots.values_list("starts_at", flat=True):
                    had = self.owner(n, (at - START).days) == owner
                    assert ((plant.gsrn, at) in seen) == (had or now_owns)


@pytest.mark.django_db
def test_each_wh_is_the_owners_of_its_instant_over_any_sequence_of_sales(data_dir):
    run_state_machine_as_test(
        Sales,
        settings=settings(
            max_examples=15,
            stateful_step_count=12,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
