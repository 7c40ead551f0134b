"""What a driver does with the charges in their account: close a link, erase it all."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from certificates.models import Membership, Organisation, User
from charging.errors import UnknownDriver, UnknownSession
from charging.models import ProvenToken, Receipt, Session, SessionClaim, TokenChallenge
from charging.models.receipt import new_public_id
from charging.queries.receipts.versions import records_of
from ledger.services.audit import record

NEW_LINK = "Its holder asked for a new link."


@dataclass(frozen=True, slots=True)
class Erasure:
    """What was erased; `account` says whether the log-in is gone, too."""

    charges: int
    links: int
    account: bool


@transaction.atomic
def revoke_links(*, session_id: int, driver: User, now: datetime, renew: bool = False) -> str:
    """Close every link of a claimed charge, whatever its version; twice is as once.

    With `renew` the next version opens under a new link, whose id is returned.
    Raises: UnknownSession when the charge is not in this account.
    """
    claim = (
        SessionClaim.objects.select_for_update()
        .filter(session=session_id, driver=driver)
        .select_related("session")
        .first()
    )
    if claim is None:
        raise UnknownSession("This charge is not kept in your account.")
    receipts = Receipt.objects.filter(session__in=records_of(claim.session))
    closed = receipts.filter(link_revoked_at__isnull=True).update(link_revoked_at=now)
    public_id = ""
    if renew:
        last = receipts.order_by("-version").values_list("version", flat=True)[0]
        public_id = new_public_id()
        Receipt.objects.create(
            session=claim.session,
            version=last + 1,
            public_id=public_id,
            reason=NEW_LINK,
            opened_at=now,
        )
    if closed or renew:
        record(
            actor=f"driver {driver.pk}",
            action="receipt.link_renewed" if renew else "receipt.link_revoked",
            subject=claim.session,
            now=now,
            detail={"links": closed},
        )
    return public_id


@transaction.atomic
def erase_driver(*, driver: User, now: datetime) -> Erasure:
    """Erase what ties a person to charges: keys, claims, links, and the account itself.

    The retirements stay, and so do their totals; without its key nobody can show any more
    which charge they were for. An account that also acts for an organisation keeps its
    log-in.
    """
    claimed = Session.objects.filter(claim__driver=driver)
    ids = [pk for session in claimed for pk in records_of(session)]
    sessions = Session.objects.filter(pk__in=ids)
    sessions.update(disclosure_key=None, token_hmac=None, contract_hmac=None)
    open_links = Receipt.objects.filter(session__in=ids, link_revoked_at__isnull=True)
    links = open_links.update(link_revoked_at=now)
    charges, _ = SessionClaim.objects.filter(driver=driver).delete()
    TokenChallenge.objects.filter(driver=driver).delete()
    ProvenToken.objects.filter(driver=driver).delete()
    is_alone = not driver.is_staff and not Membership.objects.filter(user=driver).exists()
    record(
        actor=f"driver {driver.pk}",
        action="driver.erased",
        subject=f"driver {driver.pk}",
        now=now,
        detail={"charges": charges, "links": links, "account": is_alone},
    )
    if is_alone:
        driver.delete()
    return Erasure(charges, links, is_alone)


@transaction.atomic
def confirm_driver(
    *, claimant: Organisation, session_id: int, email: str, actor: object, now: datetime
) -> SessionClaim:
    """The charge's claimant, who knows the contract, says whose it was. Twice is as once.

    Raises: UnknownSession when the claimant has no such charge, or it is kept in another
    account; UnknownDriver.
    """
    session = Session.objects.filter(
        pk=session_id, claimant=claimant, voided_at__isnull=True
    ).first()
    if session is None:
        raise UnknownSession(f"You claim no charge with the number {session_id}.")
    driver = User.objects.filter(email__iexact=email, is_active=True).first()
    if driver is None:
        raise UnknownDriver(f"No account has the address {email}; its driver opens one first.")
    claim, is_new = SessionClaim.objects.get_or_create(
        session=session, defaults={"driver": driver, "claimed_at": now}
    )
    if claim.driver_id != driver.pk:
        raise UnknownSession("This charge is already kept in another account.")
    if is_new:
        record(actor=actor, action="driver.confirmed", subject=session, now=now)
    return claim


@transaction.atomic
def drop_charge(*, session_id: int, driver: User) -> None:
    """Take a charge out of an account; whoever holds its link may keep it then.

    Raises: UnknownSession when it is not in this account.
    """
    if not SessionClaim.objects.filter(session=session_id, driver=driver).delete()[0]:
        raise UnknownSession("This charge is not kept in your account.")
