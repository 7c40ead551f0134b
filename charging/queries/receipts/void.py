"""Since when what was claimed for a charge is void, as the sealed books have it."""

from dataclasses import dataclass
from datetime import datetime

from charging.models import Allocation, Session
from ledger.models import OutboxItem


@dataclass(frozen=True, slots=True)
class VoidFacts:
    """How many claims were taken back, and how many the sealed books say it of.

    `block_height` and `sealed_at` are of the last block that says so, `None` before the first;
    `refused` are the reasons for which they would not.
    """

    claims: int
    recorded: int
    block_height: int | None
    sealed_at: datetime | None
    refused: tuple[str, ...]

    @property
    def is_complete(self) -> bool:
        """Whether the sealed books say it of every claim."""
        return self.recorded == self.claims


def void_of(session: Session) -> VoidFacts | None:
    """Nothing where no claim was taken back after it had been sealed."""
    if session.voided_at is None:
        return None
    taken_back = Allocation.objects.filter(session_hour__session=session, superseded__isnull=False)
    items = list(
        OutboxItem.objects.filter(
            entry__void_claim__retirement__in=taken_back.values("retirement__entry")
        )
        .exclude(status=OutboxItem.Status.UNDONE)
        .select_related("batch__block")
        .order_by("pk")
    )
    if not items:
        return None
    certified = [item for item in items if item.status == OutboxItem.Status.CERTIFIED]
    blocks = [item.batch.block for item in certified if item.batch and item.batch.block]
    last = max(blocks, key=lambda block: block.height, default=None)
    failed = {item.reason for item in items if item.status == OutboxItem.Status.FAILED}
    return VoidFacts(
        claims=len(items),
        recorded=len(certified),
        block_height=last.height if last else None,
        sealed_at=last.sealed_at if last else None,
        refused=tuple(sorted(failed)),
    )
