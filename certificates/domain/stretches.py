"""Stretches: what one plant's certificates and readings are added up by.

A stretch is a plant and 65,536 minutes (45 days and a half), counted from 1970 in UTC. Its name is
20 hexadecimal digits: those of the plant and the first four of the minute, as they stand one after
the other in the codes of token ids (ledger.domain.token_id). So no lot is read to know in which
stretch an asset is, and the codes of a stretch follow each other in the index that has them.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import numpy as np
import numpy.typing as npt

MINUTE_BITS = 16
LENGTH = timedelta(minutes=1 << MINUTE_BITS)
IN_CODE = slice(2, 22)  # after the kind
PLANT_DIGITS = 16
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
HOUR = 60
HOURS = (1 << MINUTE_BITS) // HOUR + 2  # begun in a stretch: neither end is on the hour
NARROW = np.iinfo(np.int32).max

I64 = npt.NDArray[np.int64]


def plant_of(gsrn: str) -> str:
    """How stretches of a plant begin."""
    return f"{int(gsrn):0{PLANT_DIGITS}x}"


def stretches_of(gsrn: str, minutes: "Sequence[int] | I64") -> list[str]:
    """The stretches of a plant in which these minutes since 1970 lie, each once, in order."""
    numbers = np.unique(np.asarray(minutes, np.int64) >> MINUTE_BITS).tolist()
    return [f"{plant_of(gsrn)}{number:04x}" for number in numbers]


def number_of(stretch: str) -> int:
    """Which stretch of its plant it is."""
    return int(stretch[PLANT_DIGITS:], 16)


def period_of(number: int) -> tuple[datetime, datetime]:
    """When the stretches of a number start and end."""
    starts_at = EPOCH + number * LENGTH
    return starts_at, starts_at + LENGTH


def numbers_in(starts_at: datetime, ends_at: datetime) -> range:
    """The numbers of the stretches that have a part of [starts_at, ends_at)."""
    return range((starts_at - EPOCH) // LENGTH, -((EPOCH - ends_at) // LENGTH))


def first_hour(number: int) -> int:
    """The hour since 1970 in which the stretches of a number begin."""
    return (number << MINUTE_BITS) // HOUR


def packed(amounts: I64) -> bytes:
    """Amounts, in four bytes each where all of them fit, else in eight; nothing for nothing."""
    if not amounts.any():
        return b""
    is_narrow = int(np.abs(amounts).max()) <= NARROW
    return amounts.astype("<i4" if is_narrow else "<i8").tobytes()


def unpacked(data: bytes) -> I64:
    """The `HOURS` amounts that were packed."""
    if not data:
        return np.zeros(HOURS, np.int64)
    return np.frombuffer(data, f"<i{len(data) // HOURS}").astype(np.int64)
