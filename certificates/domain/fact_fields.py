"""Reading single facts of a device from a JSON object, each refused by its name."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from certificates.errors import InvalidDevice

LARGEST = 10**12  # W or Wh


def text_of(document: Mapping[str, Any], name: str, default: str = "") -> str:
    """A text without blanks around it. Raises: InvalidDevice."""
    value = document.get(name)
    if value is None or value == "":
        return default
    longest = 40 if name in ("support", "area") else 200
    if not isinstance(value, str) or len(value.strip()) > longest:
        raise InvalidDevice(f"{name} is a text of at most {longest} characters.", field=name)
    return value.strip()


def whole_of(document: Mapping[str, Any], name: str, unit: str, least: int = 1) -> int:
    """A whole number of so many of a unit. Raises: InvalidDevice."""
    value = document.get(name)
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= LARGEST:
        raise InvalidDevice(f"{name} is a whole number of {unit} from {least} on.", field=name)
    return value


def day_of(document: Mapping[str, Any], name: str) -> date:
    """A day in ISO 8601. Raises: InvalidDevice."""
    try:
        return date.fromisoformat(str(document[name]))
    except ValueError:
        raise InvalidDevice(f"{name} is a day such as 2016-04-01.", field=name) from None


def degrees_of(document: Mapping[str, Any], name: str, most: int) -> Decimal | None:
    """Degrees to a millionth, if given. Raises: InvalidDevice."""
    value = document.get(name)
    if value is None or value == "":
        return None
    try:
        degrees = Decimal(str(value))
    except InvalidOperation:
        degrees = Decimal("NaN")
    if not degrees.is_finite() or abs(degrees) > most:
        raise InvalidDevice(f"{name} is between -{most} and {most} degrees.", field=name)
    return degrees.quantize(Decimal("0.000001"))
