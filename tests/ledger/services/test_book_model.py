"""The book against a plain dictionary, over any sequence of acts."""

from collections import defaultdict
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from ledger.errors import AlreadyReversed, KeyReused, Overdrawn
from ledger.models import Balance, Entry
from ledger.services.accounts import create_certificate_assets, open_account, system_account
from ledger.services.book import Draft, Move, post_entries, reverse_entry
from tests.machines import RolledBack

NOW = datetime(2018, 2, 1, tzinfo=UTC)
ACCOUNTS, ASSETS = range(4), range(2)
moves = st.tuples(
    st.sampled_from(ACCOUNTS),
    st.sampled_from(ACCOUNTS),
    st.sampled_from(ASSETS),
    st.integers(1, 50),
).filter(lambda move: move[0] != move[1])


class BookMachine(RolledBack):
    """Account 0 is the source of issuance; the others may never owe."""

    @initialize()
    def open(self) -> None:
        self.accounts = [system_account("issued").pk]
        self.accounts += [open_account(name=f"Holder {n}").pk for n in ACCOUNTS[1:]]
        self.assets = create_certificate_assets([f"{n:040x}" for n in ASSETS])
        self.held: dict[tuple[int, int], int] = defaultdict(int)
        self.posted: dict[str, tuple] = {}
        self.reversed: set[str] = set()

    def _after(self, entry) -> dict:
        after = self.held.copy()
        for source, destination, asset, amount in entry:
            after[source, asset] -= amount
            after[destination, asset] += amount
        return after

    @rule(
        key=st.integers(0, 12).map("act:{}".format), entry=st.lists(moves, min_size=1, max_size=3)
    )
    def post(self, key, entry) -> None:
        drafts = [
            Draft(
                key,
                Entry.Kind.TRANSFER,
                [
                    Move(self.accounts[s], self.accounts[d], self.assets[a], n)
                    for s, d, a, n in entry
                ],
            )
        ]
        after = self._after(entry)
        if key in self.posted:
            if self.posted[key] == tuple(entry):
                post_entries(drafts=drafts, now=NOW)
            else:
                with pytest.raises(KeyReused):
                    post_entries(drafts=drafts, now=NOW)
        elif any(amount < 0 for (account, _), amount in after.items() if account):
            with pytest.raises(Overdrawn):
                post_entries(drafts=drafts, now=NOW)
        else:
            post_entries(drafts=drafts, now=NOW)
            self.held, self.posted[key] = after, tuple(entry)

    @rule(key=st.integers(0, 12).map("act:{}".format))
    def reverse(self, key) -> None:
        if key not in self.posted:
            return
        entry = Entry.objects.get(key=key)
        back = [(d, s, a, n) for s, d, a, n in self.posted[key]]
        after = self._after(back)
        if key in self.reversed:
            with pytest.raises(AlreadyReversed):
                reverse_entry(entry=entry, key=f"again:{key}", now=NOW)
        elif any(amount < 0 for (account, _), amount in after.items() if account):
            with pytest.raises(Overdrawn):
                reverse_entry(entry=entry, key=f"undo:{key}", now=NOW)
        else:
            reverse_entry(entry=entry, key=f"undo:{key}", now=NOW)
            self.held = after
            self.reversed.add(key)

    @invariant()
    def balances_are_as_the_dictionary_says(self) -> None:
        if not hasattr(self, "held"):
            return
        real = {
            (self.accounts.index(b.account_id), self.assets.index(b.asset_id)): b.amount
            for b in Balance.objects.all()
        }
        assert {k: v for k, v in real.items() if v} == {k: v for k, v in self.held.items() if v}

    @invariant()
    def every_asset_sums_to_nothing(self) -> None:
        if not hasattr(self, "held"):
            return
        for asset in self.assets:
            assert sum(Balance.objects.filter(asset=asset).values_list("amount", flat=True)) == 0


@pytest.mark.django_db
def test_the_book_agrees_with_a_dictionary_over_any_sequence_of_acts():
    run_state_machine_as_test(
        BookMachine,
        settings=settings(
            max_examples=25,
            stateful_step_count=20,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
