"""Challenges: a driver announces a charge, starts it, and so shows that it is theirs."""

from datetime import datetime

from django.db import transaction
from django.db.models import Q, QuerySet

from certificates.models import Organisation, Role, User
from charging.domain import challenges as rules
from charging.domain.challenges import Candidate, Decision, Outcome
from charging.errors import ChallengeRefused
from charging.models import Evse, Location, ProvenToken, Session, SessionClaim, TokenChallenge
from ledger.services.audit import record

ONE_AT_A_TIME = "You announced a charge already. Start it, or withdraw the announcement first."
TOO_MANY = "You announced too many charges lately. Try again tomorrow."
NO_COMPANY = "No charging company of this name is here."
NO_PLACE = (
    "This company has no charge point or site of this name here. Copy it as it stands on the "
    "charger, or leave the field empty."
)
NOT_PROVEN = "This card is not proven for your account."
SENTENCES = (ONE_AT_A_TIME, TOO_MANY, NO_COMPANY, NO_PLACE, NOT_PROVEN)
IN_ONE_RUN = 500
Status = TokenChallenge.Status


@transaction.atomic
def announce(*, driver: User, company: str, place: str, now: datetime) -> TokenChallenge:
    """From now on for some minutes a charge that starts there proves itself as the driver's.

    `company` is a slug; `place` the id of a charge point, or the name or id of a site, in any
    case; empty for anywhere of the company. Raises: ChallengeRefused.
    """
    # One announcement of a driver at a time, however often the button is pressed.
    User.objects.select_for_update().get(pk=driver.pk)
    mine = TokenChallenge.objects.filter(driver=driver)
    if mine.filter(status=Status.WAITING, expires_at__gt=now).exists():
        raise ChallengeRefused(ONE_AT_A_TIME)
    recent = mine.filter(opened_at__gt=now - rules.MONTH).values_list("opened_at", flat=True)
    if not rules.may_open(list(recent), now):
        raise ChallengeRefused(TOO_MANY)
    operator = Organisation.objects.filter(slug=company, roles__role=Role.CHARGING_COMPANY).first()
    if operator is None:
        raise ChallengeRefused(NO_COMPANY)
    location, evse = _place(operator, place.strip())
    return TokenChallenge.objects.create(
        driver=driver,
        operator=operator,
        location=location,
        evse=evse,
        opened_at=now,
        expires_at=now + rules.WINDOW,
    )


@transaction.atomic
def withdraw(*, driver: User, challenge_id: int, now: datetime) -> None:
    """End an announcement that is not decided yet; what is decided or not there stays so.

    It counts among those of the day, and contests what it would have: it was made.
    """
    TokenChallenge.objects.filter(pk=challenge_id, driver=driver, status=Status.WAITING).update(
        status=Status.WITHDRAWN, decided_at=now
    )


def decide_due(*, now: datetime) -> int:
    """Decide every challenge whose time has come, each in its own transaction; how many.

    A charge counts by when it started, however late its record comes.
    """
    due = TokenChallenge.objects.filter(status=Status.WAITING, expires_at__lte=now)
    ids = list(due.order_by("opened_at", "pk").values_list("pk", flat=True)[:IN_ONE_RUN])
    return sum(_decide(pk, now) for pk in ids)


@transaction.atomic
def keep_charges(*, driver: User, token_id: int, now: datetime) -> int:
    """Keep every charge of a proven token that nobody keeps yet; returns how many.

    Raises: ChallengeRefused when it is not this driver's, or contested.
    """
    token = (
        ProvenToken.objects.select_for_update()
        .filter(pk=token_id, driver=driver, contested_at__isnull=True)
        .first()
    )
    if token is None:
        raise ChallengeRefused(NOT_PROVEN)
    sessions = list(free_charges(token).values_list("pk", flat=True))
    SessionClaim.objects.bulk_create(
        (SessionClaim(session_id=pk, driver=driver, claimed_at=now) for pk in sessions),
        ignore_conflicts=True,  # whoever keeps one of them meanwhile keeps it
    )
    if sessions:
        detail = {"charges": len(sessions)}
        _log(driver, "token.charges_kept", f"token {token.pk}", now, detail)
    return len(sessions)


@transaction.atomic
def forget_token(*, driver: User, token_id: int, now: datetime) -> None:
    """A driver has a card no longer; what was kept stays kept. Twice is as once."""
    mine = ProvenToken.objects.filter(pk=token_id, driver=driver)
    token = mine.first()
    if token is None:
        return
    TokenChallenge.objects.filter(
        driver=driver, operator=token.operator_id, token_hmac=bytes(token.token_hmac)
    ).update(token_hmac=None)
    mine.delete()
    _log(driver, "token.forgotten", f"token {token_id}", now, {})


def free_charges(token: ProvenToken) -> QuerySet[Session]:
    """The standing charges of a token at its company that no account keeps."""
    return Session.objects.filter(
        operator=token.operator_id,
        token_hmac=bytes(token.token_hmac),
        voided_at__isnull=True,
        claim__isnull=True,
    )


def _place(operator: Organisation, name: str) -> tuple[Location | None, Evse | None]:
    if not name:
        return None, None
    evses = Evse.objects.filter(location__operator=operator, uid__iexact=name)
    sites = Location.objects.filter(operator=operator)
    found = list(evses.select_related("location")[:2])
    if len(found) == 1:
        return found[0].location, found[0]
    named = list(sites.filter(Q(name__iexact=name) | Q(uid__iexact=name, uid__gt=""))[:2])
    if found or len(named) != 1:
        raise ChallengeRefused(NO_PLACE)
    return named[0], None


@transaction.atomic
def _decide(pk: int, now: datetime) -> bool:
    locked = TokenChallenge.objects.select_for_update()
    challenge = locked.filter(pk=pk, status=Status.WAITING).first()
    if challenge is None:  # withdrawn or decided meanwhile
        return False
    candidates = _candidates(challenge)
    if candidates and challenge.seen_at is None:
        challenge.seen_at = now
        challenge.save(update_fields=["seen_at"])
    decision = rules.decide(
        candidates, expires_at=challenge.expires_at, seen_at=challenge.seen_at, now=now
    )
    if decision.outcome is Outcome.WAITING:
        return False
    _carry_out(challenge, decision, now)
    return True


def _carry_out(challenge: TokenChallenge, decision: Decision, now: datetime) -> None:
    challenge.status, challenge.decided_at = decision.outcome.value, now
    proven = decision.candidate
    if proven is not None:
        challenge.session_id, challenge.token_hmac = proven.session_id, proven.token_hmac
    challenge.save()
    _log(challenge.driver, f"challenge.{challenge.status}", challenge, now, {})
    if proven is None:
        return
    SessionClaim.objects.get_or_create(
        session_id=proven.session_id, defaults={"driver": challenge.driver, "claimed_at": now}
    )
    if proven.token_hmac is not None:
        _prove_token(challenge, proven.token_hmac, now)


def _prove_token(challenge: TokenChallenge, token_hmac: bytes, now: datetime) -> None:
    """Link a token that was proven often enough; where two drivers prove it, to neither."""
    # One driver at a time: both would find the token free.
    Organisation.objects.select_for_update(no_key=True).get(pk=challenge.operator_id)
    proofs = TokenChallenge.objects.filter(
        driver=challenge.driver, operator=challenge.operator, token_hmac=token_hmac
    )
    starts = proofs.filter(session__isnull=False).values_list("session__started_at", flat=True)
    if not rules.is_token_proven(list(starts)):
        return
    rivals = ProvenToken.objects.filter(operator=challenge.operator, token_hmac=token_hmac).exclude(
        driver=challenge.driver
    )
    is_contested = rivals.exists()
    rivals.filter(contested_at__isnull=True).update(contested_at=now)
    token, is_new = ProvenToken.objects.get_or_create(
        driver=challenge.driver,
        operator=challenge.operator,
        token_hmac=token_hmac,
        defaults={"proven_at": now, "contested_at": now if is_contested else None},
    )
    if is_new:
        action = "token.contested" if is_contested else "token.proven"
        _log(challenge.driver, action, f"token {token.pk}", now, {})


def _candidates(challenge: TokenChallenge) -> list[Candidate]:
    rows = Session.objects.filter(
        operator=challenge.operator_id,
        started_at__gte=challenge.opened_at,
        started_at__lt=challenge.expires_at,
        voided_at__isnull=True,
    )
    if challenge.evse_id:
        rows = rows.filter(evse=challenge.evse_id)
    elif challenge.location_id:
        rows = rows.filter(evse__location=challenge.location_id)
    rivals = list(
        TokenChallenge.objects.filter(
            operator=challenge.operator_id,
            opened_at__gt=challenge.opened_at - rules.WINDOW,
            opened_at__lt=challenge.expires_at,
        ).exclude(driver=challenge.driver_id)
    )
    return [
        Candidate(
            pk,
            start,
            bytes(token) if token is not None else None,
            any(_fits(rival, site, evse, start) for rival in rivals),
        )
        for pk, start, token, site, evse in rows.values_list(
            "pk", "started_at", "token_hmac", "evse__location", "evse"
        )
    ]


def _fits(challenge: TokenChallenge, location_id: int, evse_id: int, start: datetime) -> bool:
    if not challenge.opened_at <= start < challenge.expires_at:
        return False
    if challenge.evse_id:
        return challenge.evse_id == evse_id
    return challenge.location_id in (None, location_id)


def _log(driver: User, action: str, subject: object, now: datetime, detail: dict[str, int]) -> None:
    record(actor=f"driver {driver.pk}", action=action, subject=subject, now=now, detail=detail)
