"""What an organisation holds, and which plant and interval it came from."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from certificates.domain.holding_states import ACTIVE, LOCKED, RESERVED
from certificates.models import LotAsset, Organisation, SubAccount
from certificates.queries.stretches import held_by_plant
from ledger.models import Asset, Balance

PURPOSES = {RESERVED: SubAccount.Purpose.RESERVE, LOCKED: SubAccount.Purpose.LOCKED}


@dataclass(frozen=True, slots=True)
class Holding:
    """Wh of one asset in one account. `code` is the asset's token id code."""

    asset_id: int
    lot_id: int
    code: str
    mask: int
    device_id: int
    starts_at: datetime
    length_minutes: int
    amount_wh: int


def holdings(
    organisation: Organisation,
    *,
    area_id: int | None = None,
    starts_at: datetime | None = None,
    ends_at: datetime | None = None,
) -> list[Holding]:
    """What an organisation holds of lots that start in [starts_at, ends_at), by time and code."""
    found: QuerySet[LotAsset] = LotAsset.objects.filter(
        asset__balances__account=organisation.account_id, asset__balances__amount__gt=0
    )
    if area_id is not None:
        found = found.filter(lot__device__area=area_id)
    if starts_at is not None:
        found = found.filter(lot__starts_at__gte=starts_at)
    if ends_at is not None:
        found = found.filter(lot__starts_at__lt=ends_at)
    rows = found.order_by("lot__starts_at", "asset__code").values_list(
        "asset_id",
        "lot_id",
        "asset__code",
        "mask",
        "lot__device_id",
        "lot__starts_at",
        "lot__length_minutes",
        "asset__balances__amount",
    )
    return [Holding(*row) for row in rows]


def account_in_state(organisation: Organisation, state: str) -> int | None:
    """The account where an organisation has certificates in a state; None before it has any."""
    if state == ACTIVE:
        return int(organisation.account_id)
    found = SubAccount.objects.filter(organisation=organisation, purpose=PURPOSES[state])
    return found.values_list("account_id", flat=True).first()


def held_by_state(organisation: Organisation) -> dict[str, int]:
    """Wh of certificates that an organisation has active, reserved and locked."""
    accounts = {state: account_in_state(organisation, state) for state in (ACTIVE, *PURPOSES)}
    return {state: account_wh(account) if account else 0 for state, account in accounts.items()}


def held_wh(organisation: Organisation) -> int:
    """All Wh of certificates an organisation holds."""
    return account_wh(organisation.account_id)


def account_wh(account: int) -> int:
    """All Wh of certificates in an account."""
    return sum(each.amount_wh for each in held_by_plant(account))


def of_certificates(balances: "QuerySet[Balance]") -> "QuerySet[Balance]":
    """Without money: its few currencies are named, so that no certificate is looked up for it."""
    return balances.exclude(asset__in=Asset.objects.filter(kind=Asset.Kind.CURRENCY))
