"""The identity of an asset: a number from which anyone can read plant, interval and attributes.

`kind << 152 | device << 88 | minute << 56 | length << 40 | sequence << 8 | mask`
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

PRODUCTION, STORAGE_DISCHARGE, IMPORTED = 1, 2, 3
RENEWABLE, EMISSIONS, BOTH = 1, 2, 3

MASK_BITS = 0xFF
CODE_DIGITS = 40
_WIDTHS = {"device": 64, "minute": 32, "length": 16, "sequence": 32}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MINUTE = timedelta(minutes=1)


def minute_of(instant: datetime) -> int:
    """Whole minutes since 1970-01-01T00:00Z. Raises: ValueError if naive or between minutes."""
    if instant.tzinfo is None:
        raise ValueError("an instant needs its time zone")
    minutes, rest = divmod(instant - _EPOCH, _MINUTE)
    if rest:
        raise ValueError(f"{instant.isoformat()} is not on a whole minute")
    return minutes


@dataclass(frozen=True, slots=True, order=True)
class TokenId:
    """One asset: a lot of a device's interval with the attributes bundled in `mask`.

    `device` is the 18-digit GSRN as an integer, `minute` the interval's start in minutes
    since 1970-01-01T00:00Z, `length` its minutes, `sequence` counts lots of one interval
    from 0. Raises: ValueError on construction when a field does not fit.
    """

    kind: int
    device: int
    minute: int
    length: int
    sequence: int
    mask: int

    def __post_init__(self) -> None:
        if self.kind not in (PRODUCTION, STORAGE_DISCHARGE, IMPORTED):
            raise ValueError(f"token id: unknown kind {self.kind}")
        if self.mask not in (RENEWABLE, EMISSIONS, BOTH):
            raise ValueError(f"token id: unknown attribute mask {self.mask}")
        for name, width in _WIDTHS.items():
            value = getattr(self, name)
            if not 0 <= value < 1 << width:
                raise ValueError(f"token id: {name} {value} does not fit {width} bits")
        if self.length == 0:
            raise ValueError("token id: an interval lasts at least one minute")

    @property
    def number(self) -> int:
        return self.lot | self.mask

    @property
    def lot(self) -> int:
        """The number with the mask cleared: the same for every attribute of one lot."""
        return (
            self.kind << 152
            | self.device << 88
            | self.minute << 56
            | self.length << 40
            | self.sequence << 8
        )

    @property
    def code(self) -> str:
        """40 hexadecimal digits, lower case; codes sort as numbers do."""
        return f"{self.number:0{CODE_DIGITS}x}"

    @property
    def starts_at(self) -> datetime:
        return _EPOCH + self.minute * _MINUTE

    @property
    def ends_at(self) -> datetime:
        return _EPOCH + (self.minute + self.length) * _MINUTE

    @classmethod
    def from_number(cls, number: int) -> "TokenId":
        """Raises: ValueError when the number is no token id."""
        if not 0 <= number < 1 << 160:
            raise ValueError(f"token id: {number} does not fit 160 bits")
        return cls(
            kind=number >> 152,
            device=number >> 88 & (1 << 64) - 1,
            minute=number >> 56 & (1 << 32) - 1,
            length=number >> 40 & (1 << 16) - 1,
            sequence=number >> 8 & (1 << 32) - 1,
            mask=number & MASK_BITS,
        )

    @classmethod
    def from_code(cls, code: str) -> "TokenId":
        """Raises: ValueError when the text is not 40 lower-case hexadecimal digits of one."""
        if len(code) != CODE_DIGITS or not set(code) <= set("0123456789abcdef"):
            raise ValueError(f"token id: {code!r} is not {CODE_DIGITS} hexadecimal digits")
        return cls.from_number(int(code, 16))


def lot_of(number: int) -> int:
    """A token id's number with its attribute mask cleared."""
    return number & ~MASK_BITS


def codes(
    kind: int,
    device: int,
    mask: int,
    minutes: Sequence[int],
    lengths: Sequence[int],
    sequences: Sequence[int],
) -> list[str]:
    """The codes of many lots of a device, as `TokenId.code` has them. Raises: ValueError."""
    for edge in (min, max):
        TokenId(kind, device, edge(minutes), edge(lengths), edge(sequences), mask)
    return [
        f"{kind:02x}{device:016x}{minute:08x}{length:04x}{sequence:08x}{mask:02x}"
        for minute, length, sequence in zip(minutes, lengths, sequences, strict=True)
    ]
