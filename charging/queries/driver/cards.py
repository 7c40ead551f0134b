"""What a driver announced and which charging tokens they proved."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from certificates.models import Organisation, Role, User
from charging.domain.challenges import PATIENCE, SETTLING
from charging.models import ProvenToken, Session, TokenChallenge

SHOWN = 12


@dataclass(frozen=True, slots=True)
class Announced:
    """A charge that a driver announced, where, and what became of it by now.

    `status` is that of the challenge, while it waits one of open, listening (no charge is known
    yet, until `until`) and settling (one is; decided from `until` on).
    """

    pk: int
    company: str
    place: str
    opened_at: datetime
    expires_at: datetime
    status: str
    until: datetime
    public_id: str
    zone: str


@dataclass(frozen=True, slots=True)
class Card:
    """A proven charging token; `free` charges of it are in nobody's account yet."""

    pk: int
    company: str
    proven_at: datetime
    is_contested: bool
    kept: int
    free: int


def announced_by(driver: User, now: datetime) -> list[Announced]:
    """The latest announcements of a driver, the latest first."""
    latest = Session.objects.filter(operator=OuterRef("operator")).order_by("-pk")
    zone = latest.values("area__timezone")[:1]  # where a challenge names no place
    rows = (
        TokenChallenge.objects.filter(driver=driver)
        .select_related("operator", "location", "evse")
        .select_related("session__claim")
        .annotate(zone=Coalesce("location__area__timezone", Subquery(zone), Value("UTC")))
        .prefetch_related("session__receipts")
        .order_by("-opened_at", "-pk")[:SHOWN]
    )
    return [_announced(row, row.zone, now) for row in rows]


def cards_of(driver: User) -> list[Card]:
    """The charging tokens that a driver proved, the latest first."""
    tokens = ProvenToken.objects.filter(driver=driver).select_related("operator")
    return [_card(token) for token in tokens.order_by("-proven_at", "-pk")]


def companies() -> QuerySet[Organisation]:
    """Charging companies whose charge records name charging tokens, by name."""
    told = Session.objects.filter(operator=OuterRef("pk"), token_hmac__isnull=False)
    found = Organisation.objects.filter(Exists(told), roles__role=Role.CHARGING_COMPANY)
    return found.order_by("name").distinct()


def _announced(row: TokenChallenge, zone: str, now: datetime) -> Announced:
    status, until = row.status, row.expires_at
    if status == TokenChallenge.Status.WAITING and now < row.expires_at:
        status = "open"
    elif status == TokenChallenge.Status.WAITING and row.seen_at is None:
        status, until = "listening", row.expires_at + PATIENCE
    elif status == TokenChallenge.Status.WAITING and row.seen_at is not None:
        status, until = "settling", row.seen_at + SETTLING
    place = row.evse.uid if row.evse else row.location.name if row.location else ""
    return Announced(
        row.pk,
        row.operator.name,
        place,
        row.opened_at,
        row.expires_at,
        status,
        until,
        _receipt(row),
        zone,
    )


def _receipt(row: TokenChallenge) -> str:
    """The newest receipt of the charge, while it is in the driver's account."""
    session = row.session
    claim = getattr(session, "claim", None)
    if session is None or claim is None or claim.driver_id != row.driver_id:
        return ""
    standing = [one for one in session.receipts.all() if one.link_revoked_at is None]
    newest = max(standing, key=lambda one: one.version, default=None)
    return newest.public_id if newest else ""


def _card(token: ProvenToken) -> Card:
    counts = Session.objects.filter(
        operator=token.operator_id, token_hmac=bytes(token.token_hmac), voided_at__isnull=True
    ).aggregate(
        kept=Count("pk", filter=Q(claim__driver=token.driver_id)),
        free=Count("pk", filter=Q(claim__isnull=True)),
    )
    return Card(
        token.pk,
        token.operator.name,
        token.proven_at,
        token.contested_at is not None,
        counts["kept"],
        counts["free"],
    )
