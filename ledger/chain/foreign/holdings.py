"""All that the contract's logs say exists, read back at one block and compared.

A node gives no list of a contract's storage. But the contract logs each balance, lot and device
that it ever writes, and all else but its settings; so the logs name all places, and each is
then read. What logs conceal would show in a lot's sum: issued is held, retired or withdrawn,
per attribute.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from eth_abi.abi import decode as abi_decode
from eth_abi.exceptions import DecodingError

from ledger.chain import codec
from ledger.chain.foreign.contracts import Site
from ledger.chain.foreign.reading import Log, Reader
from ledger.chain.foreign.told import OTHERS, Told, View, address_of, tell
from ledger.chain.layout import pack_counters
from ledger.chain.port import Counters, Unexplained
from ledger.chain.reconciliation import name_of
from ledger.domain.calls import Holder
from ledger.domain.token_id import EMISSIONS, RENEWABLE, TokenId, lot_of

K = TypeVar("K")
SINGLE = codec.topic(codec.TRANSFER_SINGLE)
MANY = codec.topic(codec.TRANSFER_BATCH)
ISSUED = codec.topic(codec.ISSUED)
TOPICS = (SINGLE, MANY, ISSUED, *OTHERS)
VIEWS_AT_ONCE = 200
OWNERS_AT_ONCE = 256  # the contract's own bound
COUNTERS = 7
WORD = 32


@dataclass(slots=True)
class Named:
    """Places that the logs name."""

    held: set[tuple[bytes, int]] = field(default_factory=set)
    lots: set[int] = field(default_factory=set)
    told: Told = field(default_factory=dict)

    def add(self, log: Log) -> None:
        kind = log.topics[0]
        if kind == ISSUED:
            self.lots.add(lot_of(log.topics[1]))
        elif kind in (SINGLE, MANY):
            ends = [address_of(end) for end in log.topics[2:4] if end]
            self.held.update((end, token_id) for token_id in _ids(log) for end in ends)
        else:
            tell(self.told, log)


@dataclass(frozen=True, slots=True)
class Holdings:
    """What the contract holds at one block; `untold` are other places than the logs have them."""

    balances: dict[tuple[bytes, int], int]
    lots: dict[int, Counters]
    odometers: dict[int, int]
    untold: list[Unexplained]


def read_holdings(reader: Reader, site: Site, at: int) -> Holdings:
    """Raises: ChainUnreachable."""
    named = Named()
    for log in reader.all_logs(site.certificates, site.since, at, TOPICS):
        try:
            named.add(log)
        except (ValueError, IndexError, DecodingError) as error:
            raise reader.node.nonsense("a log of the contract cannot be read") from error
    held, lots = sorted(named.held), sorted(named.lots)
    devices = sorted({TokenId.from_number(lot | 1).device for lot in lots})

    def views(questions: Sequence[View]) -> Iterator[bytes]:
        for start in range(0, len(questions), VIEWS_AT_ONCE):
            part = questions[start : start + VIEWS_AT_ONCE]
            yield from reader.views(site.certificates, at, part)

    counters = views([("counters(uint256)", (lot,)) for lot in lots])
    odometers = views([("odometer(uint256)", (device,)) for device in devices])
    shown = views(list(named.told))
    return Holdings(
        balances=dict(zip(held, _balances(reader, site, at, held), strict=True)),
        lots={
            lot: Counters(*_words(answer, COUNTERS, reader))
            for lot, answer in zip(lots, counters, strict=True)
        },
        odometers={
            device: _words(answer, 1, reader)[0]
            for device, answer in zip(devices, odometers, strict=True)
        },
        untold=[
            Unexplained(what, value, actual)
            for (what, value), answer in zip(named.told.values(), shown, strict=True)
            if (actual := _words(answer, 1, reader)[0]) != value
        ],
    )


def unbalanced(holdings: Holdings) -> list[Unexplained]:
    """Lots of which something is held that no log names, per attribute."""
    held: dict[tuple[int, int], int] = defaultdict(int)
    for (_, token_id), amount in holdings.balances.items():
        for attribute in (RENEWABLE, EMISSIONS):
            if token_id & attribute:
                held[lot_of(token_id), attribute] += amount
    found = []
    for lot, c in holdings.lots.items():
        for attribute, name, gone in (
            (RENEWABLE, "RENEWABLE", c.retired_renewable + c.withdrawn_renewable),
            (EMISSIONS, "EMISSIONS", c.retired_emissions + c.withdrawn_emissions),
        ):
            expected = c.issued - gone if c.mask & attribute else 0
            if held[lot, attribute] != expected:
                what = f"{name} of lot {lot:040x} held by all together"
                found.append(Unexplained(what, expected, held[lot, attribute]))
    return found


def _balances(
    reader: Reader, site: Site, at: int, held: Sequence[tuple[bytes, int]]
) -> Iterator[int]:
    signature = "balanceOfBatch(address[],uint256[])"
    for start in range(0, len(held), OWNERS_AT_ONCE):
        part = held[start : start + OWNERS_AT_ONCE]
        question = (signature, [[owner for owner, _ in part], [token for _, token in part]])
        (answer,) = reader.views(site.certificates, at, [question])
        # An offset and a length stand before the values.
        yield from _words(answer, 2 + len(part), reader)[2:]


def _words(answer: bytes, count: int, reader: Reader) -> list[int]:
    if len(answer) != count * WORD:
        raise reader.node.nonsense(f"a view returns {len(answer)} bytes, not {count * WORD}")
    return [int.from_bytes(answer[n : n + WORD], "big") for n in range(0, len(answer), WORD)]


def _ids(log: Log) -> Sequence[int]:
    if log.topics[0] == SINGLE:
        return [int.from_bytes(log.data[:WORD], "big")]
    ids: Sequence[int] = abi_decode(["uint256[]", "uint256[]"], log.data)[0]
    return ids


def differences(
    holdings: Holdings,
    *,
    addresses: Mapping[Holder, bytes],
    balances: Mapping[tuple[Holder, int], int],
    lots: Mapping[int, Counters],
    odometers: Mapping[int, int],
) -> list[Unexplained]:
    """All that is not as the book names it; `addresses` are those of the book's accounts."""
    accounts = {address: account for account, address in addresses.items()}
    expected = {(addresses[account], token): n for (account, token), n in balances.items()}

    def holder(key: tuple[bytes, int]) -> str:
        return f"balance of {name_of(accounts.get(key[0], key[0]))} in {key[1]:040x}"

    # Lots come first: whoever reads them from the book adds the devices up meanwhile.
    nothing = Counters(0, 0, 0, 0, 0, 0, 0)
    found = [
        Unexplained(f"lot {lot:040x}", *map(pack_counters, pair))
        for lot in holdings.lots.keys() | lots.keys()
        if (pair := (lots.get(lot, nothing), holdings.lots.get(lot, nothing)))[0] != pair[1]
    ]
    found += [
        *_apart(holder, expected, holdings.balances),
        *_apart(lambda device: f"odometer of {device}", odometers, holdings.odometers),
        *holdings.untold,
    ]
    return sorted(found, key=lambda each: each.what) + unbalanced(holdings)


def _apart(
    name: Callable[[K], str], expected: Mapping[K, int], actual: Mapping[K, int]
) -> list[Unexplained]:
    return [
        Unexplained(name(key), expected.get(key, 0), actual.get(key, 0))
        for key in expected.keys() | actual.keys()
        if expected.get(key, 0) != actual.get(key, 0)
    ]
