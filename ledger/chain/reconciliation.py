"""Every storage leaf of the contract explained, or named."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import rlp

from ledger.chain import layout
from ledger.chain.port import Counters, Unexplained
from ledger.domain.calls import Holder
from ledger.domain.custody import custody_address


@dataclass(frozen=True, slots=True)
class Expected:
    """What each trie key should hold, and what that is called."""

    values: dict[bytes, tuple[str, int]] = field(default_factory=dict)

    def add(self, slot: int, what: str, value: int) -> None:
        if value:
            self.values[layout.trie_key(slot)] = (what, value)


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
    addresses: dict[Holder, bytes] = {}
    for (account, token_id), amount in balances.items():
        if account not in addresses:
            addresses[account] = (
                account
                if isinstance(account, bytes)
                else custody_address(chain_id, registry_id, account)
            )
        slot = layout.balance_slot(addresses[account], token_id)
        expected.add(slot, f"balance of {name_of(account)} in {token_id:040x}", amount)
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
    """Leaves that are not as expected, unknown, or missing, in the order of the walk."""
    found, open_values = [], dict(expected.values)
    for key, raw in leaves:
        if key in ignored:
            continue
        actual = int.from_bytes(rlp.decode(raw), "big")
        what, value = open_values.pop(key, (f"storage leaf {key.hex()}", 0))
        if actual != value:
            found.append(Unexplained(what=what, expected=value, actual=actual))
    missing = [Unexplained(what, value, 0) for what, value in open_values.values()]
    return found + missing
