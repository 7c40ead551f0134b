"""What a wallet is told of an asset (ERC-1155 metadata JSON)."""

from typing import Any

from ledger.domain.token_id import EMISSIONS, RENEWABLE, TokenId

DECIMALS = 6  # amounts are Wh, so that 1.000000 is one MWh
ATTRIBUTES = {RENEWABLE: "renewable origin", EMISSIONS: "emissions"}


def metadata(token_id: TokenId, *, device_name: str, technology: str) -> dict[str, Any]:
    """Name, decimals and properties of an asset; instants in UTC."""
    proves = [words for bit, words in ATTRIBUTES.items() if token_id.mask & bit]
    starts_at = f"{token_id.starts_at:%Y-%m-%dT%H:%MZ}"
    return {
        "name": f"{device_name}, {starts_at}",
        "description": f"Certificates of {technology}: {' and '.join(proves)}.",
        "decimals": DECIMALS,
        "properties": {
            "gsrn": f"{token_id.device:018d}",
            "starts_at": starts_at,
            "ends_at": f"{token_id.ends_at:%Y-%m-%dT%H:%MZ}",
            "sequence": token_id.sequence,
            "proves": proves,
            "unit": "MWh",
        },
    }
