"""The number of a plant: a GSRN of 18 digits, the last of which checks the others.

GS1 General Specifications, section 7.9: from the right, the 17 digits are weighted
3, 1, 3, 1, ...; the check digit brings the sum to a multiple of ten.
"""

from certificates.errors import InvalidGsrn

DIGITS = 18
# GS1 keeps prefixes that begin with 2 for numbers that circulate inside one organisation,
# so that neither range can meet a number assigned under GS1.
REGISTRY_PREFIX = "2001"
SYNTHETIC_PREFIX = "2999"


def check_digit(body: str) -> str:
    """The last digit of a GSRN whose first 17 digits are given."""
    total = sum(int(digit) * (3 if n % 2 == 0 else 1) for n, digit in enumerate(reversed(body)))
    return str(-total % 10)


def make(prefix: str, number: int) -> str:
    """The GSRN of a running number under a prefix. Raises: InvalidGsrn when it does not fit."""
    width = DIGITS - 1 - len(prefix)
    body = f"{prefix}{number:0{width}d}"
    if number < 0 or len(body) != DIGITS - 1:
        raise InvalidGsrn(f"Running number {number} does not fit {width} digits.", field="gsrn")
    return body + check_digit(body)


def running_number(gsrn: str, prefix: str) -> int:
    """The number from which `make` built this GSRN."""
    return int(gsrn[len(prefix) : -1])


def check(gsrn: str) -> str:
    """The GSRN without blanks. Raises: InvalidGsrn with what is wrong."""
    text = gsrn.replace(" ", "")
    if len(text) != DIGITS or not (text.isascii() and text.isdecimal()):
        raise InvalidGsrn(
            f"GSRN {gsrn!r} is not {DIGITS} digits. Check it against the plant's papers, or "
            "leave it empty to get a number from this registry.",
            field="gsrn",
        )
    expected = check_digit(text[:-1])
    if text[-1] != expected:
        raise InvalidGsrn(
            f"GSRN {text} ends in {text[-1]}, but its check digit is {expected}. "
            "Look for a mistyped digit.",
            field="gsrn",
        )
    return text


def origin(gsrn: str) -> str:
    """Who assigned it: `gs1`, `registry` or `synthetic` (as in Device.GsrnOrigin)."""
    if gsrn.startswith(REGISTRY_PREFIX):
        return "registry"
    return "synthetic" if gsrn.startswith(SYNTHETIC_PREFIX) else "gs1"
