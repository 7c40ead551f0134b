"""The versions of a receipt, across all records of its charge."""

from django.db.models import Sum

from charging.models import Allocation, Receipt, Session
from charging.queries.receipts.facts import VersionFacts, VersionLink
from ledger.models import OutboxItem

NEVER_COUNTED = (OutboxItem.Status.FAILED, OutboxItem.Status.UNDONE)


def versions_of(found: Receipt) -> tuple[VersionFacts, ...]:
    """Every version in order; a receipt without another is alone, after two queries."""
    rows = list(
        Receipt.objects.filter(session__in=records_of(found.session))
        .select_related("session")
        .order_by("version", "pk")
    )
    last = {row.session_id: row.pk for row in rows}
    claimed = _claimed(list(last)) if len(rows) > 1 else {}
    return tuple(
        VersionFacts(
            version=row.version,
            public_id="" if row.link_revoked_at else row.public_id,
            reason=row.reason,
            opened_at=row.opened_at,
            energy_wh=row.session.energy_wh if last[row.session_id] == row.pk else None,
            claimed_wh=(claimed.get(row.session_id, 0) if last[row.session_id] == row.pk else None),
            is_void=row.session.voided_at is not None,
        )
        for row in rows
    )


def neighbours(
    found: Receipt, versions: tuple[VersionFacts, ...]
) -> tuple[VersionLink | None, VersionLink | None]:
    """The version before a receipt and the one after it."""
    links = [VersionLink(v.version, v.public_id, v.reason, v.opened_at) for v in versions]
    older = [link for link in links if link.version < found.version]
    newer = [link for link in links if link.version > found.version]
    return (older[-1] if older else None), (newer[0] if newer else None)


def records_of(session: Session) -> list[int]:
    """The charge's records: this one, those it replaces, and those that replaced it."""
    found = [session.pk]
    earlier = session.replaces_id
    while earlier is not None:
        found.append(earlier)
        earlier = Session.objects.values_list("replaces", flat=True).get(pk=earlier)
    later = Session.objects.filter(replaces=session.pk).values_list("pk", flat=True).first()
    while later is not None:
        found.append(later)
        later = Session.objects.filter(replaces=later).values_list("pk", flat=True).first()
    return found


def _claimed(sessions: list[int]) -> dict[int, int]:
    """Wh that were retired for each record, whether their claim stands or was taken back."""
    rows = (
        Allocation.objects.filter(
            session_hour__session__in=sessions, retirement__entry__reversal__isnull=True
        )
        .exclude(retirement__entry__outbox_item__status__in=NEVER_COUNTED)
        .order_by()
        .values_list("session_hour__session")
        .annotate(wh=Sum("retirement__amount_wh"))
    )
    return dict(rows)
