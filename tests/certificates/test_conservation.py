"""Random uploads, corrections, transfers, retirements and settlements: no Wh is lost or made."""

import io
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest
from django.db.models import Q, Sum
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from certificates.domain.selection import Criteria
from certificates.errors import OfferRefused, SelectionRefused, WholeCertificatesOnly
from certificates.models import Cancellation, CorrectionPart, Offer, SubAccount
from certificates.queries.holding.holdings import holdings
from certificates.queries.holding.selecting import held_in, select
from certificates.queries.readings.mass_balance import mass_balance
from certificates.queries.readings.tallies import open_debt_wh
from certificates.services import reference
from certificates.services.holding import cancellations, offers
from certificates.services.holding.agreements import agree, agree_hourly
from certificates.services.holding.cancellations import UNDO
from certificates.services.holding.holds import Change, change_state
from certificates.services.holding.offers import OfferRequest
from certificates.services.holding.retirement import RetirementRequest, retire_many
from certificates.services.holding.transfer import transfer
from certificates.services.issuing.issuance import issue
from certificates.services.meters.readings import import_readings
from certificates.services.organisations import register_organisation
from certificates.services.plants.devices import register_device
from ledger.chain.memory import MemoryChain
from ledger.models import Balance, OutboxItem
from ledger.services.reconciliation import compare
from ledger.services.settlement import sweep
from tests.certificates.conftest import NOW, facts
from tests.certificates.services.holding.test_cancellations import ask as ask_use
from tests.machines import RolledBack

START = datetime(2018, 1, 1, tzinfo=UTC)
YEAR = START, datetime(2019, 1, 1, tzinfo=UTC)
HOURS, DEVICES, HOLDERS = range(4), range(4), range(3)
WHOLE = 3  # the device that is certified in whole MWh
MWH = 1_000_000
WHOLE_ACTS = ("reserve", "lock", "offer", "use", "schedule")
wh = st.integers(-300, 1_500)
parts = st.integers(1, 100)


class Conservation(RolledBack):
    """Three devices of one owner (the second nets, the third is certified in whole MWh) and one
    of another; a company with shares."""

    @initialize()
    def open(self) -> None:
        reference.load()
        farm, rival = (
            register_organisation(name=name, slug=name, roles=["producer"], now=NOW)
            for name in ("farm", "rival")
        )
        company = register_organisation(
            name="company", slug="company", roles=["charging_company"], now=NOW
        )
        self.holders = [farm, rival, company]
        stated = [
            facts(name="clip"),
            facts(name="net", negative_policy="net"),
            facts(name="rival", organisation="rival"),
            facts(name="whole", whole_certificates=True, negative_policy="net"),
        ]
        self.devices = [register_device(facts=f, now=NOW, approve=True) for f in stated]
        agree(device=self.devices[0], to=company, share_ppm=400_000, now=NOW)
        agree(device=self.devices[1], to=rival, share_ppm=250_000, now=NOW)
        agree(device=self.devices[WHOLE], to=company, share_ppm=400_000, now=NOW)
        agree_hourly(device=self.devices[0], to=rival, wh_per_hour=200, now=NOW)
        self.generated: dict[tuple[int, int], int] = {}
        self.retired = 0
        self.keys = count()
        self.chain = MemoryChain(chain_id=202611, registry_id=1)
        ticks = count()
        self.clock = lambda: NOW + timedelta(seconds=next(ticks))

    @rule(
        device=st.sampled_from(DEVICES),
        values=st.dictionaries(st.sampled_from(HOURS), wh, min_size=1),
        issues=st.booleans(),
    )
    def upload(self, device, values, issues) -> None:
        """A first file, late data or a correction, whatever the registry has."""
        if device == WHOLE:
            values = {hour: value * 1_000 + value for hour, value in values.items()}
        lines = [f"2018-01-01T{hour:02}:00Z,{value}" for hour, value in sorted(values.items())]
        # An hour far away tells the length of the interval; it is the same each time.
        lines += [f"2018-06-01T{hour:02}:00Z,0" for hour in range(4)]
        text = "\n".join(["interval_start_utc,energy_wh", *lines, ""])
        stream = io.BytesIO(text.encode() + b"\n" * next(self.keys))
        import_readings(device=self.devices[device], stream=stream, name="m", selection={}, now=NOW)
        self.generated |= {(device, hour): value for hour, value in values.items()}
        if issues:
            self.issue()

    @rule()
    def issue(self) -> None:
        issue(now=NOW)
        assert issue(now=NOW).lots == 0
        for n, device in enumerate(self.devices):
            waiting = sum(row.waiting_wh for row in mass_balance(device, *YEAR))
            assert waiting < MWH if n == WHOLE else waiting == 0

    def pick(self, holder, n):
        whole = self.devices[WHOLE].pk
        held = [row for row in holdings(self.holders[holder]) if row.device_id != whole]
        return held[n % len(held)] if held else None

    def free_wh(self, holder):
        """What is held of the devices that any amount may be taken of."""
        whole = self.devices[WHOLE].pk
        held = holdings(self.holders[holder])
        return sum(row.amount_wh for row in held if row.device_id != whole)

    def free(self, wh):
        gsrns = tuple(d.gsrn for n, d in enumerate(self.devices) if n != WHOLE)
        return Criteria(gsrns=gsrns, amount_wh=wh)

    @rule(source=st.sampled_from(HOLDERS), to=st.sampled_from(HOLDERS), wh=st.integers(1, 3 * MWH))
    def move_whole(self, source, to, wh) -> None:
        """Whole MWh pass, in a transfer or by an offer; anything else is refused."""
        gsrn, owner = self.devices[WHOLE].gsrn, self.holders[source]
        try:
            picked = select(owner, Criteria(gsrns=(gsrn,), amount_wh=wh)).amounts
        except SelectionRefused:
            return
        if source != to:
            parties = {"source": owner, "destination": self.holders[to]}
            try:
                transfer(key=f"w{next(self.keys)}", **parties, amounts=picked, now=NOW)
            except WholeCertificatesOnly:
                assert wh % MWH
            else:
                assert wh % MWH == 0

    @rule(holder=st.sampled_from(HOLDERS), n=st.integers(1, 2), act=st.sampled_from(WHOLE_ACTS))
    def act_on_whole(self, holder, n, act) -> None:
        owner = self.holders[holder]
        criteria = Criteria(gsrns=(self.devices[WHOLE].gsrn,), amount_wh=n * MWH)
        key = f"a{next(self.keys)}"
        try:
            picked = select(owner, criteria).amounts
        except SelectionRefused:
            return
        if act in ("reserve", "lock"):
            change_state(change=Change(act, owner, picked), key=key, now=NOW)
        elif act == "offer":
            to = self.holders[(holder + 1) % len(HOLDERS)]
            offers.offer(request=OfferRequest(owner, to, criteria, key), now=NOW)
        else:
            undo_for = UNDO if act == "schedule" else None
            cancellations.cancel(request=ask_use(owner, key, criteria), now=NOW, undo_for=undo_for)
            self.retired += 0 if undo_for else n * MWH

    @rule(source=st.sampled_from(HOLDERS), to=st.sampled_from(HOLDERS), n=parts, part=parts)
    def move(self, source, to, n, part) -> None:
        row = self.pick(source, n)
        if row is not None and source != to:
            amounts = {row.asset_id: max(1, row.amount_wh * part // 100)}
            transfer(
                key=f"t{next(self.keys)}",
                source=self.holders[source],
                destination=self.holders[to],
                amounts=amounts,
                now=NOW,
            )

    @rule(
        holder=st.sampled_from(HOLDERS),
        event=st.sampled_from(["reserve", "lock"]),
        n=parts,
        part=parts,
    )
    def set_aside(self, holder, event, n, part) -> None:
        row = self.pick(holder, n)
        if row is not None:
            amounts = {row.asset_id: max(1, row.amount_wh * part // 100)}
            change = Change(event, self.holders[holder], amounts)
            change_state(change=change, key=f"s{next(self.keys)}", now=NOW)

    @rule(holder=st.sampled_from(HOLDERS), n=parts, part=parts)
    def retire(self, holder, n, part) -> None:
        row = self.pick(holder, n)
        if row is None:
            return
        organisation, key = self.holders[holder], f"r{next(self.keys)}"
        amount = max(1, row.amount_wh * part // 100)
        request = RetirementRequest(
            key=key,
            holder=organisation.pk,
            account=organisation.account_id,
            asset=row.asset_id,
            lot=row.lot_id,
            mask=row.mask,
            amount_wh=amount,
            claimant=organisation.pk,
            beneficiary_type="public_charging",
            beneficiary="",
            purpose="EV charging",
            country="GB",
            consumption_starts_at=row.starts_at,
            consumption_ends_at=row.starts_at + timedelta(hours=1),
            reference=key,
            commitment=next(self.keys).to_bytes(32, "big"),
        )
        retire_many(requests=[request], now=NOW)
        self.retired += amount

    @rule(source=st.sampled_from(HOLDERS), to=st.sampled_from(HOLDERS), part=parts)
    def offer(self, source, to, part) -> None:
        """A part of all that is held, the oldest first."""
        held = self.free_wh(source)
        if source != to and held:
            criteria = self.free(max(1, held * part // 100))
            asked = OfferRequest(
                self.holders[source], self.holders[to], criteria, f"o{next(self.keys)}"
            )
            offers.offer(request=asked, now=NOW)

    @rule(n=parts, act=st.sampled_from(["accept", "reject", "withdraw"]))
    def end_offer(self, n, act) -> None:
        found = list(Offer.objects.filter(status="open"))
        if found:
            one = found[n % len(found)]
            by = one.source if act == "withdraw" else one.destination
            try:
                getattr(offers, act)(offer=one, by=by, now=NOW)
            except OfferRefused:
                assert not held_in(one.sub_account.account_id)

    @rule(holder=st.sampled_from(HOLDERS), part=parts, waits=st.booleans())
    def use(self, holder, part, waits) -> None:
        """At once, or with a time to undo it."""
        held = self.free_wh(holder)
        if held:
            criteria = self.free(max(1, held * part // 100))
            asked = ask_use(self.holders[holder], f"u{next(self.keys)}", criteria)
            cancellations.cancel(request=asked, now=NOW, undo_for=UNDO if waits else None)
            self.retired += 0 if waits else criteria.amount_wh

    @rule(n=parts, undoes=st.booleans())
    def end_use(self, n, undoes) -> None:
        found = list(Cancellation.objects.filter(status="scheduled"))
        if not found:
            return
        one = found[n % len(found)]
        left = sum(row.amount_wh for row in held_in(one.sub_account.account_id))
        if undoes:
            cancellations.undo(cancellation=one, by=one.holder, now=NOW)
        else:
            cancellations.carry_out(cancellation=one, now=NOW + UNDO)
            self.retired += left

    @invariant()
    def what_has_ended_holds_nothing(self) -> None:
        ended = SubAccount.objects.filter(purpose__in=["offer", "scheduled"]).exclude(
            Q(offer__status="open") | Q(cancellation__status="scheduled")
        )
        held = Balance.objects.filter(account__sub_account__in=ended, amount__gt=0)
        assert not held.exists()

    @rule()
    def settle(self) -> None:
        sweep(chain=self.chain, clock=self.clock)
        assert not OutboxItem.objects.exclude(status="certified").exists()
        if OutboxItem.objects.exists():
            assert compare(self.chain).differences == ()

    def rows(self):
        return [row for device in self.devices for row in mass_balance(device, *YEAR)]

    @invariant()
    def both_equations_hold_for_every_device_and_hour(self) -> None:
        if not hasattr(self, "generated"):
            return
        for n, device in enumerate(self.devices):
            for row in mass_balance(device, *YEAR):
                assert row.is_balanced
                hour = row.starts_at.hour
                if row.starts_at.month == 1:
                    assert row.generated_wh == max(0, self.generated.get((n, hour), 0))

    @invariant()
    def what_is_held_and_used_was_generated_or_is_owed(self) -> None:
        if not hasattr(self, "generated"):
            return
        certified = Balance.objects.filter(account__system__in=["", "retired"])
        total = certified.aggregate(wh=Sum("amount"))["wh"] or 0
        generated = sum(max(0, value) for value in self.generated.values())
        waiting = sum(row.waiting_wh for row in self.rows())
        # Own consumption is owed from its charge on, and paid from what was generated.
        consumed = sum(
            sum(m.amount_wh for m in device.debt_moves.filter(kind="consumption"))
            for device in self.devices
        )
        owed = sum(open_debt_wh(device) for device in self.devices)
        assert total == generated - waiting - consumed + owed

    @invariant()
    def of_the_whole_device_every_account_has_whole_mwh(self) -> None:
        if not hasattr(self, "generated"):
            return
        whole = Balance.objects.filter(asset__lot_asset__lot__device=self.devices[WHOLE])
        sums = whole.exclude(account__system="issued").values_list("account").order_by()
        assert all(wh % MWH == 0 for _, wh in sums.annotate(wh=Sum("amount")))

    @invariant()
    def what_is_retired_stays_retired(self) -> None:
        if not hasattr(self, "generated"):
            return
        retired = Balance.objects.filter(account__system="retired").aggregate(wh=Sum("amount"))
        assert (retired["wh"] or 0) == self.retired

    @invariant()
    def a_debt_is_left_only_where_nothing_else_could_be_taken(self) -> None:
        if not hasattr(self, "generated"):
            return
        assert all(open_debt_wh(device) >= 0 for device in self.devices)
        assert not CorrectionPart.objects.filter(holder=None).exists()


@pytest.mark.django_db
def test_no_wh_is_lost_or_made_over_any_sequence_of_acts(data_dir):
    run_state_machine_as_test(
        Conservation,
        settings=settings(
            max_examples=12,
            stateful_step_count=14,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
