"""Every storage leaf of the contract explained, or named."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from struct import Struct
from tempfile import TemporaryFile
from typing import IO

from ledger.chain import layout
from ledger.chain.port import Counters, Unexplained
from ledger.domain.calls import Holder
from ledger.domain.custody import custody_address
from ledger.errors import ChainCorrupt

PARTS = 256  # a key's first byte
WORD = 32
RECORD = Struct(">32s32sH")  # key, value, bytes of the name that follows
HELD_BYTES = 32 * 1024 * 1024
MOST = 10_000  # differences that are listed; more of them teach nothing
UNNAMED = ("", 0)
MORE = f"more than {MOST} differences, not listed"


class Expected:
    """What each trie key should hold, and what that is called; any number of them.

    Kept in as many parts as a key's first byte has values. Beyond `HELD_BYTES` the parts go to
    a temporary file, so that a nation's balances need no more memory than a town's.
    """

    def __init__(self) -> None:
        self._parts = [bytearray() for _ in range(PARTS)]
        self._chunks: list[list[tuple[int, int]]] = [[] for _ in range(PARTS)]
        self._size = 0
        self._file: IO[bytes] | None = None

    def add(self, slot: int, what: str, value: int) -> None:
        """Expect a value at a slot; the last one said counts. A zero is no leaf, but a name."""
        key, name = layout.trie_key(slot), what.encode()
        record = RECORD.pack(key, value.to_bytes(WORD, "big"), len(name)) + name
        self._parts[key[0]] += record
        self._size += len(record)
        if self._size > HELD_BYTES:
            self._spill()

    def part(self, first: int) -> dict[bytes, tuple[str, int]]:
        """All whose key starts with this byte."""
        found: dict[bytes, tuple[str, int]] = {}
        for record in (*self._stored(first), bytes(self._parts[first])):
            at = 0
            while at < len(record):
                key, value, length = RECORD.unpack_from(record, at)
                at += RECORD.size
                what = record[at : at + length].decode()
                found[key] = (what, int.from_bytes(value, "big"))
                at += length
        return found

    def close(self) -> None:
        """Give the temporary file back."""
        if self._file is not None:
            self._file.close()

    def _spill(self) -> None:
        if self._file is None:
            self._file = TemporaryFile(prefix="reconcile-")  # noqa: SIM115 - `close` closes it
        for chunks, part in zip(self._chunks, self._parts, strict=True):
            chunks.append((self._file.tell(), len(part)))
            self._file.write(part)
            part.clear()
        self._size = 0

    def _stored(self, first: int) -> Iterator[bytes]:
        if self._file is not None:
            place = self._file.tell()
            for offset, length in self._chunks[first]:
                self._file.seek(offset)
                yield self._file.read(length)
            self._file.seek(place)


def expected_storage(
    *,
    chain_id: int,
    registry_id: int,
    balances: Mapping[tuple[Holder, int], int],
    lots: Mapping[int, Counters],
    odometers: Mapping[int, int],
) -> Expected:
    """Slots of the certificate contract that balances, lots and devices lead to."""
    expected = Expected()
    holders: dict[Holder, tuple[int, str]] = {}
    for (account, token_id), amount in balances.items():
        if account not in holders:
            address = (
                account
                if isinstance(account, bytes)
                else custody_address(chain_id, registry_id, account)
            )
            holders[account] = layout.balances_slot(address), name_of(account)
        base, name = holders[account]
        slot = layout.mapping_slot(base, token_id)
        expected.add(slot, f"balance of {name} in {token_id:040x}", amount)
    for lot, counters in lots.items():
        expected.add(layout.lot_slot(lot), f"lot {lot:040x}", layout.pack_counters(counters))
    for device, amount in odometers.items():
        expected.add(layout.odometer_slot(device), f"odometer of {device}", amount)
    return expected


def name_of(account: Holder) -> str:
    """An account's id, or an own address as people write it."""
    return f"0x{account.hex()}" if isinstance(account, bytes) else str(account)


def differences(
    leaves: Iterable[tuple[bytes, bytes]], expected: Expected, *, ignored: set[bytes]
) -> list[Unexplained]:
    """Leaves that are not as expected, unknown, or missing, in the order of the walk.

    `leaves` ascend by key. At most `MOST` differences are listed, and then that there are more.
    """
    found: list[Unexplained] = []
    missing: list[Unexplained] = []
    try:
        for first, part in _by_first_byte(leaves):
            open_values = expected.part(first)
            for key, raw in part:
                if key in ignored:
                    continue
                what, value = open_values.pop(key, UNNAMED)
                actual = _number(raw)
                if actual != value:
                    name = what or f"storage leaf {key.hex()}"
                    found.append(Unexplained(what=name, expected=value, actual=actual))
            missing += [
                Unexplained(what, value, 0) for what, value in open_values.values() if value
            ]
            if len(found) + len(missing) > MOST:
                return [*[*found, *missing][:MOST], Unexplained(MORE, 0, 0)]
    finally:
        expected.close()
    return found + missing


def _by_first_byte(
    leaves: Iterable[tuple[bytes, bytes]],
) -> Iterator[tuple[int, Iterable[tuple[bytes, bytes]]]]:
    """The leaves of each first byte, also where there are none. Raises: ChainCorrupt."""
    groups = groupby(leaves, key=lambda leaf: leaf[0][0])
    group = next(groups, None)
    for first in range(PARTS):
        if group is None or group[0] != first:
            yield first, ()
            continue
        yield group
        group = next(groups, None)
    if group is not None:
        raise ChainCorrupt("The leaves of the contract's storage are not in order.")


def _number(raw: bytes) -> int:
    """A stored word from its RLP: itself below 0x80, otherwise behind a byte of length."""
    return int.from_bytes(raw if len(raw) == 1 else raw[1:], "big")
