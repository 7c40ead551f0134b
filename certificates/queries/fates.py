"""What became of plants' Wh: held, reserved, sold, used and for whom, expired, withdrawn."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Q, Sum

from certificates.models import Device, OwnRetirement, Reading, Retirement
from ledger.models import Account, Balance

LARGEST_USES = 8
RENEWABLE = Q(mask__in=(1, 3))
# An own retirement names no purpose; the chain keeps only what its holder committed to.
OWN_PURPOSE = "Retired at an address of its own"
ASIDE = "account__sub_account__organisation"


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
    owners = {device.organisation_id for device in devices}
    held = Balance.objects.filter(asset__lot_asset__lot__device__in=devices).exclude(
        asset__lot_asset__mask=2, asset__lot_asset__lot__mask=3
    )
    own = Q(account__organisation__in=owners)
    aside = Q(**{f"{ASIDE}__in": owners})
    somebody = Q(account__system="")
    sums = held.aggregate(
        own_wh=Sum("amount", filter=own, default=0),
        aside_wh=Sum("amount", filter=aside, default=0),
        others_wh=Sum("amount", filter=somebody, default=0),
        used_wh=_at(Account.System.RETIRED),
        expired_wh=_at(Account.System.EXPIRED),
        withdrawn_wh=_at(Account.System.WITHDRAWN),
    )
    sums["others_wh"] -= sums["own_wh"] + sums["aside_wh"]
    metered = Reading.objects.latest_versions().filter(
        device__in=devices, status=Reading.Status.ACCEPTED, energy_wh__gt=0
    )
    produced = metered.aggregate(wh=Sum("energy_wh", default=0))["wh"]
    uses = _uses(devices)
    rest = sum(use.amount_wh for use in uses[LARGEST_USES:])
    whole = {name: int(wh) for name, wh in sums.items()}
    return Fate(int(produced), **whole, uses=uses[:LARGEST_USES], other_uses_wh=rest)


def _at(system: str) -> Sum:
    return Sum("amount", filter=Q(account__system=system), default=0)


def _uses(devices: Sequence[Device]) -> list[Use]:
    rows = Retirement.objects.standing().filter(RENEWABLE, lot__device__in=devices)
    sums = rows.values_list("claimant__name", "purpose").annotate(wh=Sum("amount_wh"))
    own = OwnRetirement.objects.filter(RENEWABLE, lot__device__in=devices)
    own_sums = own.values_list("organisation__name").annotate(wh=Sum("amount_wh"))
    uses = [Use(name, purpose, int(wh)) for name, purpose, wh in sums.order_by()]
    uses += [Use(name, OWN_PURPOSE, int(wh)) for name, wh in own_sums.order_by()]
    return sorted(uses, key=lambda use: (-use.amount_wh, use.claimant, use.purpose))
