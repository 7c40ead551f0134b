"""What one account holds of certificates that somebody names by their codes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ledger.models import Asset, Balance

LOOK_UP = 2_000  # codes in one query


@dataclass(frozen=True, slots=True)
class Held:
    """An asset (by id) that the account holds or held, and the Wh it has of it now."""

    asset_id: int
    amount_wh: int


def held_by_code(account: int, codes: Sequence[str]) -> Mapping[str, Held]:
    """By code; what the account never held is left out, whether or not it exists."""
    found: dict[str, Held] = {}
    for begin in range(0, len(codes), LOOK_UP):
        rows = Balance.objects.filter(
            account=account,
            asset__kind=Asset.Kind.CERTIFICATE,
            asset__code__in=codes[begin : begin + LOOK_UP],
        )
        for code, asset, wh in rows.values_list("asset__code", "asset", "amount"):
            found[code] = Held(asset, wh)
    return found
