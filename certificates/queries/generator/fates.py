"""What became of plants' Wh: held, reserved, sold, used and for whom, expired, withdrawn."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from certificates.models import Device
from certificates.queries.stretches import places, produced_wh, uses
from ledger.models import Account

LARGEST_USES = 8
# An own retirement names no purpose; the chain keeps only what its holder committed to.
OWN_PURPOSE = "Retired at an address of its own"
SYSTEMS: dict[str, str] = {
    Account.System.RETIRED: "used_wh",
    Account.System.EXPIRED: "expired_wh",
    Account.System.WITHDRAWN: "withdrawn_wh",
}
WHERE = ("own_wh", "aside_wh", "others_wh", *SYSTEMS.values())


@dataclass(frozen=True, slots=True)
class Use:
    """Wh that one organisation used for one purpose; drivers stay unnamed."""

    claimant: str
    purpose: str
    amount_wh: int


@dataclass(frozen=True, slots=True)
class Fate:
    """Wh by where they are. `own` the owners hold and can use, `aside` they have reserved or
    locked; the rest of the `uses` beyond the largest is `other_uses_wh`.

    `produced_wh` is metered above zero, `open_wh` of it without a certificate so far.
    """

    produced_wh: int
    own_wh: int
    aside_wh: int
    others_wh: int
    used_wh: int
    expired_wh: int
    withdrawn_wh: int
    uses: Sequence[Use]
    other_uses_wh: int

    @property
    def issued_wh(self) -> int:
        held = self.own_wh + self.aside_wh + self.others_wh
        return held + self.used_wh + self.expired_wh + self.withdrawn_wh

    @property
    def open_wh(self) -> int:
        return max(0, self.produced_wh - self.issued_wh + self.withdrawn_wh)


def fate(devices: Sequence[Device]) -> Fate:
    """The devices' certificates together. A Wh whose attributes were parted counts once: where
    its RENEWABLE half is.
    """
    amounts = places(devices)
    sorts = _sorts({device.organisation_id for device in devices}, amounts)
    sums = dict.fromkeys(WHERE, 0)
    for account, wh in amounts.items():
        sums[sorts[account]] += wh
    used = _uses(devices)
    rest = sum(use.amount_wh for use in used[LARGEST_USES:])
    return Fate(produced_wh(devices), **sums, uses=used[:LARGEST_USES], other_uses_wh=rest)


def _sorts(owners: set[int], accounts: Iterable[int]) -> dict[int, str]:
    """Where the Wh in each account are, as `Fate` names it."""
    rows = Account.objects.filter(pk__in=accounts).values_list(
        "pk", "system", "organisation", "sub_account__organisation"
    )
    return {pk: _sort(owners, system, own, aside) for pk, system, own, aside in rows}


def _sort(owners: set[int], system: str, own: int | None, aside: int | None) -> str:
    if system:
        return SYSTEMS[system]
    if own in owners:
        return "own_wh"
    return "aside_wh" if aside in owners else "others_wh"


def _uses(devices: Sequence[Device]) -> list[Use]:
    found = [
        Use(name, OWN_PURPOSE if is_own else purpose, wh)
        for (name, purpose, is_own), wh in uses(devices).items()
    ]
    return sorted(found, key=lambda use: (-use.amount_wh, use.claimant, use.purpose))
