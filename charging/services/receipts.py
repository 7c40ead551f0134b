"""Receipts: an unguessable link for every charge, and who holds it."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import Exists, Max, OuterRef

from certificates.models import Correction, Organisation, User
from certificates.queries.readings.shortfalls import given_back_of
from charging.errors import UnknownSession
from charging.models import Allocation, Receipt, Session, SessionClaim
from charging.models.receipt import new_public_id
from ledger.models.bulk import insert

FIRST_VERSION = 1
LOOK_UP = 500  # ids in one query
CORRECTED = "The meter data of a plant behind this charge were corrected."


@transaction.atomic
def open_receipts(*, organisation: Organisation, now: datetime) -> int:
    """A receipt for every charge of a company that has none yet; returns how many are new."""
    without = Session.objects.filter(claimant=organisation, receipts__isnull=True)
    ids = list(without.order_by("pk").values_list("pk", flat=True))
    open_for(session_ids=ids, now=now)
    return len(ids)


def open_for(*, session_ids: Sequence[int], now: datetime) -> None:
    """First receipts of sessions that were just written, in their transaction."""
    insert(
        Receipt,
        ["session", "version", "public_id", "reason", "opened_at"],
        [(pk, FIRST_VERSION, new_public_id(), "", now) for pk in session_ids],
    )


def open_next(*, session: Session, earlier: Session, reason: str, now: datetime) -> Receipt:
    """The version after the last one of `earlier`; call it where the reason arises.

    Where another record stands for the charge from now on, a driver's claim goes along.
    """
    if session.pk != earlier.pk:
        SessionClaim.objects.filter(session=earlier).update(session=session)
    last = Receipt.objects.filter(session=earlier).aggregate(version=Max("version"))["version"]
    return Receipt.objects.create(
        session=session, version=(last or 0) + 1, reason=reason[:200], opened_at=now
    )


@transaction.atomic
def renew_for_corrections(*, correction_ids: Sequence[int], now: datetime) -> int:
    """A new version of the receipts that use Wh of corrected intervals; returns how many.

    What storage gave back of them counts too. The old version stays at its link and names the
    new one.
    """
    sessions: dict[int, None] = {}
    for begin in range(0, len(correction_ids), LOOK_UP):
        intervals = Correction.objects.filter(
            pk__in=correction_ids[begin : begin + LOOK_UP],
            device=OuterRef("retirement__lot__device"),
            starts_at=OuterRef("retirement__lot__starts_at"),
        )
        used = Allocation.objects.standing().filter(Exists(intervals))
        sessions |= dict.fromkeys(used.values_list("session_hour__session", flat=True))
    lots = given_back_of(correction_ids)
    for begin in range(0, len(lots), LOOK_UP):
        used = Allocation.objects.standing().filter(
            retirement__lot__in=lots[begin : begin + LOOK_UP]
        )
        sessions |= dict.fromkeys(used.values_list("session_hour__session", flat=True))
    last: dict[int, int] = {}
    for begin in range(0, len(sessions), LOOK_UP):
        some = list(sessions)[begin : begin + LOOK_UP]
        rows = Receipt.objects.filter(session__in=some).values_list("session")
        last |= dict(rows.annotate(last=Max("version")))
    insert(
        Receipt,
        ["session", "version", "public_id", "reason", "opened_at"],
        [(pk, version + 1, new_public_id(), CORRECTED, now) for pk, version in last.items()],
    )
    return len(last)


@transaction.atomic
def claim_receipt(*, public_id: str, driver: User, now: datetime, note: str = "") -> SessionClaim:
    """Whoever holds a receipt's link may keep the charge in their account, the first one.

    Raises: UnknownSession when there is no such receipt, its link is revoked, or somebody
    else has claimed the charge.
    """
    receipt = Receipt.objects.filter(public_id=public_id, link_revoked_at__isnull=True).first()
    if receipt is None:
        raise UnknownSession("No receipt has this link, or its link was revoked.")
    claim, _ = SessionClaim.objects.get_or_create(
        session_id=_standing(receipt.session_id),
        defaults={"driver": driver, "note": note, "claimed_at": now},
    )
    if claim.driver_id != driver.pk:
        raise UnknownSession("This charge is already kept in another account.")
    return claim


def _standing(session_id: int) -> int:
    """The record that stands for a charge by now: the last one that replaced another."""
    later = Session.objects.filter(replaces=session_id).values_list("pk", flat=True).first()
    return session_id if later is None else _standing(later)
