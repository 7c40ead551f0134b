"""Figures as the reader's language writes them."""

from django.utils.formats import get_format

from charging.domain import figures


def localised(text: str) -> str:
    """A figure with the separators of the language in use: 1,234.5 becomes 1.234,5."""
    signs: dict[str, str | int | None] = {
        ",": str(get_format("THOUSAND_SEPARATOR")),
        ".": str(get_format("DECIMAL_SEPARATOR")),
    }
    return text.translate(str.maketrans(signs))


def kwh(amount_wh: int) -> str:
    """Whole Wh in kWh with all three decimals."""
    return localised(figures.kwh(amount_wh))


def percent(part: int, whole: int, decimals: int = 0) -> str:
    """A share, rounded down."""
    return localised(figures.percent(part, whole, decimals=decimals))


def energy(amount_wh: int) -> str:
    """Whole Wh in the unit that reads best."""
    return localised(figures.energy(amount_wh))


def mass(amount_ug: int) -> str:
    """Whole micrograms in the unit that reads best."""
    return localised(figures.mass(amount_ug))
