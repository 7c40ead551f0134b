"""Any order of calls: the contract does what a model in dictionaries does, and refuses alike."""

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from ledger.contracts.storage import balance_slot, lot_slot, odometer_slot
from ledger.domain.calls import HOLDERS_BATCHES, Transfer, TransferMove, Withdraw, WithdrawItem
from ledger.domain.counters import Counters
from ledger.domain.sum_tree import batch_root, build, entry_hash
from ledger.domain.token_id import BOTH, EMISSIONS, RENEWABLE, lot_of
from tests.ledger.contracts.evm import ADDRESS, RevertError, start
from tests.ledger.contracts.examples import (
    CITY,
    DEVICE,
    OTHER,
    OWNER,
    address,
    entry,
    issue,
    settle,
    token,
)
from tests.ledger.contracts.model import Model, RefusedError
from tests.ledger.contracts.test_holders_acts import (
    COMMITMENT,
    FAR,
    RELEASE,
    RETIRE,
    RETIRE_SIGNED,
    TRANSFER_SIGNED,
    sign,
)

DEVICES = (DEVICE, 7)
KEPT = (OWNER, CITY, OTHER)
OWN = ("holder", "stranger")  # keys of addresses that nobody but they have power over
holders, own = st.sampled_from(KEPT), st.sampled_from(OWN)
hours, devices = st.integers(0, 2), st.sampled_from(DEVICES)
masks = st.sampled_from([BOTH, EMISSIONS, RENEWABLE])
amounts = st.integers(1, 60)
ids = st.builds(
    lambda hour, mask, device: token(hour, mask=mask, device=device), hours, masks, devices
)
retired = st.lists(st.integers(1, 20), min_size=1, max_size=3)


MOVE = "safeTransferFrom(address,address,uint256,uint256,bytes)"
WITHDRAW_FROM = "withdrawFrom(uint256,address,uint256,uint256,uint256)"


def where(holder):
    return ADDRESS[holder] if holder in OWN else address(holder)


class ContractMachine(RuleBasedStateMachine):
    def __init__(self):
        super().__init__()
        self.evm, self.model = start(), Model()
        self.evm.call("admin", "allowUnbundling(bool)", True)
        self.sequence = 1
        self.given = set()
        self.nonces = dict.fromkeys(OWN, 0)
        self.retirements = 0
        for device in DEVICES:
            self.issue_a_lot(2, BOTH, device, [(OWNER, 500), (CITY, 100)])

    def pick(self, data, among=KEPT):
        """Mostly something that is held, and at times what may not even exist."""
        held = sorted(k for k, amount in self.model.held.items() if amount and k[0] in among)
        if held and data.draw(st.integers(0, 9)):
            return data.draw(st.sampled_from(held))
        return data.draw(st.tuples(st.sampled_from(among), ids))

    def number(self, fact, token_id, numbers):
        """The numbers of a retirement follow the model's and were never given before."""
        assert fact.from_renewable == numbers.get(RENEWABLE, range(0)).start
        assert fact.from_emissions == numbers.get(EMISSIONS, range(0)).start
        device = token_id >> 88 & (1 << 64) - 1
        for attribute, some in numbers.items():
            new = {(device, attribute, number) for number in some}
            assert not new & self.given
            self.given |= new

    def both(self, act, send, turns=1):
        """Do it in both, or see both refuse for the same reason and nothing change.

        `turns` is how far the act takes the operators' sequence.
        """
        try:
            done = act()
        except RefusedError as refusal:
            with pytest.raises(RevertError, match=str(refusal)):
                send()
            return None
        send()
        self.sequence += turns
        return done

    @rule(
        hour=hours,
        mask=masks,
        device=devices,
        parts=st.lists(st.tuples(holders, amounts), min_size=1, max_size=3),
    )
    def issue_a_lot(self, hour, mask, device, parts):
        token_id = token(hour, mask=mask, device=device)
        self.both(
            lambda: self.model.issue(token_id, device, parts),
            lambda: self.evm.operate(issue(token_id, *parts)),
        )

    @rule(data=st.data(), destination=holders, amount=amounts)
    def move(self, data, destination, amount):
        source, token_id = self.pick(data)
        call = Transfer((TransferMove(source, destination, token_id, amount),))
        self.both(
            lambda: self.model.move(source, destination, token_id, amount),
            lambda: self.evm.operate(call),
        )

    @rule(data=st.data(), amount=amounts)
    def withdraw(self, data, amount):
        holder, token_id = self.pick(data)
        call = Withdraw((WithdrawItem(holder, token_id, amount, 1),))
        self.both(
            lambda: self.model.withdraw(holder, token_id, amount), lambda: self.evm.operate(call)
        )

    @rule(data=st.data(), name=st.sampled_from(["unbundle", "bundle"]), amount=amounts)
    def bundle_or_unbundle(self, data, name, amount):
        holder, token_id = self.pick(data)
        if name == "bundle":
            token_id |= BOTH
        signature = f"{name}(uint256,uint256,uint256,uint256)"
        arguments = (self.sequence, holder.int, token_id, amount)
        self.both(
            lambda: getattr(self.model, name)(holder, token_id, amount),
            lambda: self.evm.call("custodian", signature, *arguments),
        )

    @rule(data=st.data(), wanted=st.lists(retired, min_size=1, max_size=4))
    def settle_what_is_held(self, data, wanted):
        picked = {self.pick(data): some for some in wanted}
        entries = {key: some for key, some in picked.items() if sum(some) <= self.model.held[key]}
        if not entries:
            return
        call = settle(*(entry(holder, id_, *some) for (holder, id_), some in entries.items()))
        self.evm.operate(call)
        self.sequence += 1
        facts = self.evm.facts[:-1]
        for one, fact in zip(call.entries, facts, strict=True):
            numbers = self.model.retire(one.account, one.token_id, one.amount)
            self.number(fact, one.token_id, numbers)
        assert self.evm.facts[-1].root == batch_root([entry_hash(fact) for fact in facts])

    @rule(holder=holders, token_id=ids, more=amounts)
    def settle_more_than_is_held(self, holder, token_id, more):
        amount = self.model.held[holder, token_id] + more
        with pytest.raises(RevertError, match="balance"):
            self.evm.operate(settle(entry(holder, token_id, amount)))

    @rule(data=st.data(), name=own, amount=amounts)
    def release(self, data, name, amount):
        account, token_id = self.pick(data)
        arguments = (self.sequence, account.int, ADDRESS[name], token_id, amount, b"")
        self.both(
            lambda: self.model.move(account, name, token_id, amount),
            lambda: self.evm.call("custodian", RELEASE, *arguments),
        )

    @rule(data=st.data(), destination=st.one_of(own, holders), amount=amounts, signed=st.booleans())
    def a_holder_moves(self, data, destination, amount, signed):
        source, token_id = self.pick(data, OWN)
        values = (ADDRESS[source], where(destination), token_id, amount)
        send = lambda: self.evm.call(source, MOVE, *values, b"")  # noqa: E731
        if signed:
            values = (*values, self.nonces[source], FAR)
            signature = sign(self.evm, "Transfer", values, signer=source)
            send = lambda: self.evm.call("pauser", TRANSFER_SIGNED, *values, *signature)  # noqa: E731
        done = self.both(
            lambda: self.model.move(source, destination, token_id, amount) or True, send, turns=0
        )
        if done and signed:
            self.used(source, lambda: self.evm.call("pauser", TRANSFER_SIGNED, *values, *signature))

    @rule(data=st.data(), amount=amounts, signed=st.booleans())
    def a_holder_retires(self, data, amount, signed):
        holder, token_id = self.pick(data, OWN)
        send = lambda: self.evm.call(holder, RETIRE, token_id, amount, COMMITMENT)  # noqa: E731
        if signed:
            values = (ADDRESS[holder], token_id, amount, COMMITMENT, self.nonces[holder], FAR)
            signature = sign(self.evm, "Retirement", values, signer=holder)
            send = lambda: self.evm.call("pauser", RETIRE_SIGNED, *values, *signature)  # noqa: E731
        numbers = self.both(lambda: self.model.retire(holder, token_id, amount), send, turns=0)
        if numbers is None:
            return
        fact, settled = self.evm.facts
        self.number(fact, token_id, numbers)
        assert fact.tree_root == build(token_id, [(amount, COMMITMENT)]).root
        assert settled.root == batch_root([entry_hash(fact)])
        assert settled.sequence == HOLDERS_BATCHES + self.retirements
        self.retirements += 1
        if signed:
            self.used(holder, lambda: self.evm.call("pauser", RETIRE_SIGNED, *values, *signature))

    def used(self, name, again):
        """A signature that did its act does nothing a second time."""
        self.nonces[name] += 1
        with pytest.raises(RevertError, match="nonce"):
            again()

    @rule(data=st.data(), amount=amounts)
    def withdraw_from_a_holders_own_address(self, data, amount):
        holder, token_id = self.pick(data, OWN)
        arguments = (self.sequence, ADDRESS[holder], token_id, amount, 1)
        self.both(
            lambda: self.model.withdraw(holder, token_id, amount),
            lambda: self.evm.call("issuer", WITHDRAW_FROM, *arguments),
        )

    @invariant()
    def storage_is_the_models(self):
        for (holder, token_id), amount in self.model.held.items():
            assert self.evm.storage(balance_slot(where(holder), token_id)) == amount
        for device in DEVICES:
            assert self.evm.storage(odometer_slot(device)) == self.model.odometer[device]
        assert self.evm.view("nextSequence()", ["uint256"]) == self.sequence

    @invariant()
    def issued_is_held_and_retired_and_withdrawn(self):
        for lot, issued in self.model.issued.items():
            counters = Counters.from_word(self.evm.storage(lot_slot(lot)))
            gone_in_model = [
                kind[lot, attribute]
                for kind in (self.model.retired, self.model.withdrawn)
                for attribute in (RENEWABLE, EMISSIONS)
            ]
            assert counters == Counters(
                issued, *gone_in_model, self.model.first[lot], counters.mask
            )
            gone = {
                RENEWABLE: counters.retired_renewable + counters.withdrawn_renewable,
                EMISSIONS: counters.retired_emissions + counters.withdrawn_emissions,
            }
            for attribute in (RENEWABLE, EMISSIONS):
                held = sum(
                    amount
                    for (_, token_id), amount in self.model.held.items()
                    if lot_of(token_id) == lot and token_id & attribute
                )
                assert held + gone[attribute] == (issued if counters.mask & attribute else 0)


ContractMachine.TestCase.settings = settings(max_examples=20, stateful_step_count=40, deadline=None)
TestContractMachine = ContractMachine.TestCase
