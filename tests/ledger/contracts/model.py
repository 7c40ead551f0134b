"""What the contract should do, in dictionaries, for the state machine to compare with."""

from collections import defaultdict

from ledger.domain.token_id import BOTH, EMISSIONS, RENEWABLE, lot_of

ATTRIBUTES = (RENEWABLE, EMISSIONS)


class RefusedError(Exception):
    """The model refuses; the text is the contract's reason."""


def check(condition, reason):
    if not condition:
        raise RefusedError(reason)


class Model:
    """Balances per (holder, id), issued per lot, retired and withdrawn per (lot, attribute)."""

    def __init__(self):
        self.held = defaultdict(int)
        self.issued, self.first = {}, {}
        self.odometer = defaultdict(int)
        self.retired, self.withdrawn = defaultdict(int), defaultdict(int)
        self.numbers = defaultdict(set)

    def issue(self, token_id, device, parts):
        check(token_id & 255 in (RENEWABLE, EMISSIONS, BOTH), "mask")
        check(lot_of(token_id) not in self.issued, "issued")
        total = sum(amount for _, amount in parts)
        self.issued[lot_of(token_id)] = total
        self.first[lot_of(token_id)] = self.odometer[device]
        self.odometer[device] += total
        for holder, amount in parts:
            self.held[holder, token_id] += amount

    def take(self, holder, token_id, amount):
        check(self.held[holder, token_id] >= amount, "balance")
        self.held[holder, token_id] -= amount

    def move(self, source, destination, token_id, amount):
        self.take(source, token_id, amount)
        self.held[destination, token_id] += amount

    def retire(self, holder, token_id, amount):
        """The Wh numbers given away, per attribute of the asset."""
        self.take(holder, token_id, amount)
        lot, numbers = lot_of(token_id), {}
        for attribute in ATTRIBUTES:
            if token_id & attribute:
                start = self.first[lot] + self.retired[lot, attribute]
                self.retired[lot, attribute] += amount
                numbers[attribute] = range(start, start + amount)
        return numbers

    def withdraw(self, holder, token_id, amount):
        self.take(holder, token_id, amount)
        for attribute in ATTRIBUTES:
            if token_id & attribute:
                self.withdrawn[lot_of(token_id), attribute] += amount

    def unbundle(self, holder, token_id, amount):
        check(token_id & 255 == BOTH, "mask")
        self.take(holder, token_id, amount)
        for attribute in ATTRIBUTES:
            self.held[holder, lot_of(token_id) | attribute] += amount

    def bundle(self, holder, token_id, amount):
        check(token_id & 255 == BOTH, "mask")
        parts = [lot_of(token_id) | attribute for attribute in ATTRIBUTES]
        check(all(self.held[holder, part] >= amount for part in parts), "balance")
        for part in parts:
            self.held[holder, part] -= amount
        self.held[holder, token_id] += amount
