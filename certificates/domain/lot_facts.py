"""What a lot says of the plant and the hour, as the chain binds it."""

import hashlib
import json
from collections.abc import Iterable, Sequence
from datetime import datetime

from ledger.domain.token_id import EMISSIONS, RENEWABLE

NO_ATTRIBUTE = 0
INTERVAL_FACTS = ["amount", "file", "length", "quality", "start"]


def attributes(*, renewable: bool, has_factor: bool) -> int:
    """The mask a lot is issued with: RENEWABLE by its source, EMISSIONS only with a factor."""
    return (RENEWABLE if renewable else NO_ATTRIBUTE) | (EMISSIONS if has_factor else NO_ATTRIBUTE)


def instant(moment: datetime) -> str:
    """An instant in UTC to the minute, such as 2018-01-01T00:00Z."""
    return f"{moment.isoformat(timespec='minutes')[:16]}Z"


def device_facts(
    *, gsrn: str, technology: str, source: str, factor_ug_per_wh: int | None, factor: str
) -> dict[str, str]:
    """The public facts that all lots of a device share; `factor` names source and version."""
    return {
        "energy_source": source,
        "factor": factor,
        "factor_ug_per_wh": "" if factor_ug_per_wh is None else str(factor_ug_per_wh),
        "gsrn": gsrn,
        "technology": technology,
    }


def interval_facts(
    *, starts_at: datetime, length_minutes: int, amount_wh: int, quality: str, file_sha256: str
) -> dict[str, str]:
    """The public facts of one interval; `file_sha256` is the meter file it came from."""
    return {
        "amount": str(amount_wh),
        "file": file_sha256,
        "length": str(length_minutes),
        "quality": quality,
        "start": instant(starts_at),
    }


def storage_facts(*, generated_by: str, origins: Iterable[Sequence[str | int]]) -> dict[str, str]:
    """The public facts that a lot from storage adds: the plant, and the SHA-256 of its origins.

    `origins` are, for each charge behind it: the code of the lot that was retired, the start
    and the minutes of the charge, the Wh drawn of it and the Wh given back; as JSON, in order.
    """
    rows = sorted([str(value) for value in row] for row in origins)
    text = json.dumps(rows, separators=(",", ":"))
    return {
        "generated_by": generated_by,
        "origins": hashlib.sha256(text.encode()).hexdigest(),
    }
