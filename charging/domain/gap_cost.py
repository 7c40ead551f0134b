"""What closing a gap would cost at a price that somebody assumes."""

import re
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal

from charging.errors import UnusablePrice

# ISO 4217 codes of the currencies a price may be given in; all have two decimals.
CURRENCIES = ("EUR", "GBP", "USD", "CHF", "CZK", "DKK", "NOK", "PLN", "SEK", "AUD", "CAD")
MINOR = Decimal("0.01")
WH_PER_MWH = 1_000_000
PRICE = re.compile(r"\d{1,7}(?:\.\d{1,4})?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Price:
    """Money for one MWh of certificates. It is an assumption, and called so where shown."""

    per_mwh: Decimal
    currency: str


def read_price(text: str, currency: str) -> Price:
    """A price as a person types it, with a point or a comma. Raises: UnusablePrice."""
    written = text.strip().replace(",", ".")
    if not PRICE.fullmatch(written):
        raise UnusablePrice(
            f"{text.strip()[:30]!r} is no price per MWh. Write one like 12.50: no thousands "
            "separator, at most 9999999 and four decimals."
        )
    if currency not in CURRENCIES:
        raise UnusablePrice(
            f"{currency[:10]!r} is no currency known here; use one of {', '.join(CURRENCIES)}."
        )
    return Price(Decimal(written), currency)


def cost(amount_wh: int, price: Price) -> Decimal:
    """Money for so many Wh at this price, rounded up to the whole minor unit."""
    exact = Decimal(amount_wh) * price.per_mwh / WH_PER_MWH
    return exact.quantize(MINOR, ROUND_CEILING)
