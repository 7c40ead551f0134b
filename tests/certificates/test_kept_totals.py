"""Whatever happens and whenever totals are kept: the pages say what the rows add up to."""

from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import invariant, rule, run_state_machine_as_test

from certificates.models import (
    Reading,
    RegistryPolicy,
    StretchHolding,
    StretchProduction,
    TouchedStretch,
)
from certificates.queries.generator.calendar import calendar
from certificates.queries.generator.fates import fate
from certificates.queries.holding.held_plants import held_plants
from certificates.queries.stretches import intervals
from certificates.services import stretches
from certificates.services.holding import expiry
from certificates.services.stretch_check import check
from ledger.models import Asset
from ledger.services.bundling import bundle, unbundle
from tests.certificates import full_sums
from tests.certificates.conftest import NOW
from tests.certificates.test_conservation import HOLDERS, Conservation, parts


class KeptTotals(Conservation):
    """Everything that a registry's certificates go through, with totals kept now and then."""

    @rule(times=st.integers(1, 3))
    def keep(self, times) -> None:
        for _ in range(times):
            stretches.keep_some()

    @rule(holder=st.sampled_from(HOLDERS), n=parts, back=st.booleans())
    def part(self, holder, n, back) -> None:
        """Attributes are parted, and joined again: nothing is held or used otherwise."""
        row, account = self.pick(holder, n), self.holders[holder].account
        if row is None or row.mask != 3:
            return
        asset = Asset.objects.get(pk=row.asset_id)
        facts = {"account": account, "asset": asset, "amount": row.amount_wh, "now": NOW}
        unbundle(key=f"p{next(self.keys)}", **facts)
        stretches.keep_some()
        bundle(key=f"p{next(self.keys)}", **facts)

    @invariant()
    def what_pages_say_is_what_rows_add_up_to(self) -> None:
        if not hasattr(self, "generated"):
            return
        for holder in self.holders:
            lines = {line.device.pk: (line.lots, line.amount_wh) for line in held_plants(holder)}
            assert lines == full_sums.held(holder)
        for some in (self.devices, self.devices[:1]):
            found = calendar(some, 2018)
            assert (found.produced, found.certified) == full_sums.hours(some, 2018)
            fates = fate(some)
            assert fates.used_wh == full_sums.in_systems(some, "retired")
            assert fates.withdrawn_wh == full_sums.in_systems(some, "withdrawn")
            assert sum(use.amount_wh for use in fates.uses) == full_sums.used(some)
            assert fates.produced_wh == sum(found.produced.values())
            count = Reading.objects.filter(device__in=some, version=1).count()
            assert sum(intervals(some).values()) == count

    @invariant()
    def the_check_finds_nothing(self) -> None:
        if hasattr(self, "generated"):
            assert list(check()) == []


@pytest.mark.django_db
def test_kept_totals_are_full_sums_over_any_sequence_of_acts(data_dir):
    run_state_machine_as_test(
        KeptTotals,
        settings=settings(
            max_examples=8,
            stateful_step_count=14,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


def keep_all():
    while stretches.keep_some():
        pass


def test_what_is_kept_wrongly_is_found_with_both_figures(device, produce):
    produce("1", "2")
    keep_all()
    assert list(check()) == []
    StretchHolding.objects.filter(account=device.organisation.account_id).update(amount_wh=2_999)
    StretchProduction.objects.update(produced_wh=1)
    told = [finding.message for finding in check()]
    assert told == [
        "2999 Wh are kept, its balances add up to 3000.",
        "produced wh: 1 kept, 3000 counted.",
    ]


def test_what_was_lost_is_found_and_kept_anew(device, produce):
    produce("1", "2")
    keep_all()
    StretchHolding.objects.all().delete()
    StretchProduction.objects.all().delete()
    assert len(list(check())) > 1
    stretches.touch_all()
    assert held_plants(device.organisation)[0].amount_wh == 3_000
    keep_all()
    assert list(check()) == []
    assert held_plants(device.organisation)[0].amount_wh == 3_000


def test_readings_without_lots_are_named_by_a_rebuild_too(device, produce):
    produce("-1", "-2")
    keep_all()
    StretchProduction.objects.all().delete()
    stretches.touch_all()
    keep_all()
    assert StretchProduction.objects.get().intervals == 2


def test_what_breaks_off_while_it_is_kept_leaves_everything_as_it_was(device, produce, monkeypatch):
    produce("1", "2")
    monkeypatch.setattr(stretches, "used", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        stretches.keep_some()
    assert TouchedStretch.objects.exists()
    assert not StretchHolding.objects.exists()
    assert held_plants(device.organisation)[0].amount_wh == 3_000


def test_what_expired_is_kept_where_it_is(device, produce):
    produce("1", "2")
    keep_all()
    start = datetime(2018, 1, 1, tzinfo=UTC)
    RegistryPolicy.objects.create(valid_from=start, tradable_months=12, usable_months=18)
    assert expiry.expire(now=datetime(2020, 1, 1, tzinfo=UTC)) == 3_000
    assert (fate([device]).expired_wh, held_plants(device.organisation)) == (3_000, [])
    keep_all()
    assert (fate([device]).expired_wh, held_plants(device.organisation)) == (3_000, [])
    assert list(check()) == []
