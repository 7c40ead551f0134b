"""A model of the certificate contract over plain mappings: the same rules, in few words."""

from dataclasses import dataclass, replace

from ledger.chain.port import Counters
from ledger.domain import sum_tree
from ledger.domain.calls import (
    MAX_AMOUNT_WH,
    MAX_LEAVES,
    BatchSettled,
    Bundle,
    Call,
    EntryRetired,
    Fact,
    Holder,
    Issue,
    LotIssue,
    LotIssued,
    Release,
    Settle,
    SettleEntry,
    Transfer,
    Unbundle,
    Withdraw,
    WithdrawFrom,
)
from ledger.domain.custody import custody_address
from ledger.domain.token_id import BOTH, EMISSIONS, RENEWABLE, lot_of

NO_COUNTERS = Counters(0, 0, 0, 0, 0, 0, 0)
MASK_BITS = 0xFF
LAST_FIRST_WH = (1 << 54) - 1


class RevertError(Exception):
    """The contract refuses a call, for the reason given."""


@dataclass(frozen=True, slots=True)
class Ledger:
    """What the contract stores; a draft holds the changes of one call over its base."""

    chain_id: int
    registry_id: int
    balances: dict[tuple[Holder, int], int]
    lots: dict[int, Counters]
    odometers: dict[int, int]
    base: "Ledger | None" = None

    def draft(self) -> "Ledger":
        return Ledger(self.chain_id, self.registry_id, {}, {}, {}, self)

    def commit(self) -> None:
        """Adopt a draft's changes."""
        if self.base is not None:
            self.base.balances.update(self.balances)
            self.base.lots.update(self.lots)
            self.base.odometers.update(self.odometers)

    def balance(self, account: Holder, token_id: int) -> int:
        key = (account, token_id)
        if key in self.balances or self.base is None:
            return self.balances.get(key, 0)
        return self.base.balance(account, token_id)

    def counters(self, lot: int) -> Counters:
        if lot in self.lots or self.base is None:
            return self.lots.get(lot, NO_COUNTERS)
        return self.base.counters(lot)

    def odometer(self, device: int) -> int:
        if device in self.odometers or self.base is None:
            return self.odometers.get(device, 0)
        return self.base.odometer(device)

    def apply(self, sequence: int, call: Call) -> list[Fact]:
        """Do a call; its facts in the contract's order. Raises: RevertError."""
        match call:
            case Issue():
                return self._issue(call)
            case Transfer():
                for move in call.moves:
                    self._debit(move.source, move.token_id, move.amount)
                    self._credit(move.destination, move.token_id, move.amount)
                return []
            case Withdraw():
                for item in call.items:
                    self._withdraw(item.account, item.token_id, item.amount, item.reason)
                return []
            case WithdrawFrom():
                self._withdraw(call.owner, call.token_id, call.amount, call.reason)
                return []
            case Unbundle() | Bundle():
                self._rebundle(call)
                return []
            case Release():
                _require(any(call.destination), "destination")
                self._debit(call.account, call.token_id, call.amount)
                self._credit(call.destination, call.token_id, call.amount)
                return []
            case Settle():
                return self._settle(sequence, call)

    def _issue(self, call: Issue) -> list[Fact]:
        facts: list[Fact] = []
        splits = list(call.splits)
        for index, lot in enumerate(call.lots):
            facts.append(self._open(lot))
            left = lot.total
            while splits and splits[0].lot == index:
                split = splits.pop(0)
                _require(0 < split.amount <= left, "split")
                left -= split.amount
                self._credit(split.account, lot.token_id, split.amount)
            _require(left == 0, "split")
        _require(bool(facts), "empty")
        _require(not splits, "split")
        return facts

    def _open(self, lot: LotIssue) -> LotIssued:
        mask, number = lot.token_id & MASK_BITS, lot_of(lot.token_id)
        _require(mask in (RENEWABLE, EMISSIONS, BOTH), "mask")
        _require(1 <= lot.token_id >> 152 <= 3, "kind")
        _require(0 < lot.total <= MAX_AMOUNT_WH, "amount")
        _require(self.counters(number).mask == 0, "issued")
        device = number >> 88 & (1 << 64) - 1
        first = self.odometer(device)
        _require(first + lot.total <= LAST_FIRST_WH, "odometer")
        self.odometers[device] = first + lot.total
        self.lots[number] = replace(NO_COUNTERS, issued=lot.total, first_wh=first, mask=mask)
        return LotIssued(token_id=lot.token_id, first_wh=first, total=lot.total)

    def _settle(self, sequence: int, call: Settle) -> list[Fact]:
        facts: list[Fact] = []
        hashes, last = [], (-1, -1)
        for position, entry in enumerate(call.entries):
            place = (entry.account.int, entry.token_id)
            _require(place > last, "order")
            last = place
            retired = self._retire(position, entry)
            facts.append(retired)
            hashes.append(sum_tree.entry_hash(retired))
        leaves = sum(len(entry.leaves) for entry in call.entries)
        _require(bool(hashes) and leaves <= MAX_LEAVES, "leaves")
        root = sum_tree.batch_root(hashes)
        return [*facts, BatchSettled(sequence=sequence, root=root, entry_count=len(hashes))]

    def _retire(self, position: int, entry: SettleEntry) -> EntryRetired:
        self._debit(entry.account, entry.token_id, entry.amount)
        before = self._count(entry.token_id, entry.amount, "retired")
        mask = entry.token_id & MASK_BITS
        tree = sum_tree.build(entry.token_id, entry.leaves)
        renewable = before.first_wh + before.retired_renewable
        emissions = before.first_wh + before.retired_emissions
        return EntryRetired(
            position=position,
            account_address=custody_address(self.chain_id, self.registry_id, entry.account),
            token_id=entry.token_id,
            from_renewable=renewable if mask & RENEWABLE else 0,
            from_emissions=emissions if mask & EMISSIONS else 0,
            amount=entry.amount,
            count=tree.count,
            tree_root=tree.root,
        )

    def _rebundle(self, call: Unbundle | Bundle) -> None:
        """As the contract does where the policy allows it."""
        _require(call.token_id & MASK_BITS == BOTH, "mask")
        parts = [call.token_id ^ EMISSIONS, call.token_id ^ RENEWABLE]
        is_parted = isinstance(call, Unbundle)
        for token_id in [call.token_id] if is_parted else parts:
            self._debit(call.account, token_id, call.amount)
        for token_id in parts if is_parted else [call.token_id]:
            self._credit(call.account, token_id, call.amount)

    def _withdraw(self, account: Holder, token_id: int, amount: int, reason: int) -> None:
        _require(reason != 0, "reason")
        self._debit(account, token_id, amount)
        self._count(token_id, amount, "withdrawn")

    def _count(self, token_id: int, amount: int, act: str) -> Counters:
        """Advance a lot's counters per attribute; the counters as they were before."""
        before = self.counters(lot_of(token_id))
        changes = {}
        for bit, attribute in ((RENEWABLE, "renewable"), (EMISSIONS, "emissions")):
            if token_id & bit:
                name = f"{act}_{attribute}"
                changes[name] = getattr(before, name) + amount
        self.lots[lot_of(token_id)] = replace(before, **changes)
        return before

    def _debit(self, account: Holder, token_id: int, amount: int) -> None:
        held = self.balance(account, token_id)
        _require(amount != 0, "amount")
        _require(held >= amount, "balance")
        self.balances[account, token_id] = held - amount

    def _credit(self, account: Holder, token_id: int, amount: int) -> None:
        self.balances[account, token_id] = self.balance(account, token_id) + amount


def _require(holds: bool, reason: str) -> None:
    if not holds:
        raise RevertError(reason)
