"""Why the rows of a file are held, the most frequent cause first."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from charging.domain.hold_causes import Cause, cause_of
from charging.models import SessionFile, SessionRow

CHUNK_ROWS = 2_000
EXAMPLES = 10


@dataclass(slots=True)
class HeldRows:
    """Rows held for one cause: how many, and the first of them."""

    cause: Cause
    count: int = 0
    examples: list[dict[str, Any]] = field(default_factory=list)


def held_causes(file: SessionFile) -> Sequence[HeldRows]:
    """Every cause that rows of a file are held for, once."""
    found: dict[str, HeldRows] = {}
    held = SessionRow.objects.filter(file=file, status=SessionRow.Status.HELD).order_by("line")
    for row in held.values("line", "reasons", "proposals", "raw").iterator(chunk_size=CHUNK_ROWS):
        cause = cause_of(row["reasons"], row["proposals"])
        rows = found.setdefault(cause.key, HeldRows(cause))
        rows.count += 1
        if rows.count <= EXAMPLES:
            rows.examples.append(dict(row))
    return sorted(found.values(), key=lambda rows: (-rows.count, rows.cause.key))
