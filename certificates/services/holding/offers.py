"""Certificates change hands by an offer that the other side accepts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from certificates.domain import offer_states
from certificates.domain.offer_states import DESTINATION, REGISTRY, SOURCE, TRANSITIONS
from certificates.domain.selection import Criteria, request_hash
from certificates.errors import OfferRefused, SelectionChanged, TransferRefused
from certificates.models import Offer, Organisation, SubAccount
from certificates.queries.holding.selecting import Selection, select
from certificates.services import notices
from certificates.services.holding import counterparties
from certificates.services.holding.holds import set_apart
from certificates.services.holding.moving import moves_between, post_moves
from certificates.services.holding.trading_terms import check_term
from certificates.services.holding.whole_acts import check_whole
from ledger.errors import KeyReused
from ledger.models import Balance
from ledger.services import audit

PURPOSE = SubAccount.Purpose.OFFER
IN_ONE_RUN = 100  # offers that lapse in one run of the task


@dataclass(frozen=True, slots=True)
class OfferRequest:
    """What is offered to whom, once per key of the source.

    `seen` is the mark of the selection that a person was shown, empty where nobody was:
    if the criteria pick something else by now, the offer is refused. Without `lapses_at`
    the offer stays until one side ends it.
    """

    source: Organisation
    destination: Organisation
    criteria: Criteria
    key: str
    lapses_at: datetime | None = None
    message: str = ""
    seen: str = ""

    def hash(self) -> bytes:
        lapses_at = self.lapses_at.timestamp() if self.lapses_at else None
        facts = {"to": self.destination.pk, "lapses_at": lapses_at, "message": self.message}
        return request_hash(self.criteria.facts() | facts)


@transaction.atomic
def offer(*, request: OfferRequest, now: datetime, actor: object = "registry") -> Offer:
    """Reserve what the criteria pick and offer it; again with the key: the first offer.

    Raises: OfferRefused, TransferRefused, SelectionRefused, SelectionChanged,
    CounterpartyRefused, PolicyRefused, WholeCertificatesOnly, ledger.errors.KeyReused,
    ledger.errors.Overdrawn.
    """
    source, destination = request.source, request.destination
    _check(request, now)
    # The lock lets one of two requests with one key at once make the offer.
    Organisation.objects.select_for_update().get(pk=source.pk)
    known = Offer.objects.filter(source=source, key=request.key).first()
    if known:
        if bytes(known.request_hash) != request.hash():
            raise KeyReused(f"Key {request.key} was already used for another offer.")
        return known
    counterparties.check(source, destination)
    picked = checked_selection(source, request.criteria, request.seen)
    check_term(picked.amounts, now)
    check_whole(picked.amounts)
    made = Offer.objects.create(
        source=source,
        destination=destination,
        sub_account=set_apart(source, PURPOSE, f"offer to {destination.slug}"),
        key=request.key,
        request_hash=request.hash(),
        lots=len(picked.holdings),
        amount_wh=picked.amount_wh,
        message=request.message,
        offered_at=now,
        lapses_at=request.lapses_at,
    )
    moves = moves_between(source.account_id, made.sub_account.account_id, picked.amounts)
    post_moves(key=f"offer:{made.pk}", moves=moves, now=now)
    _log(made, "offered", now, actor)
    _tell(made, destination, f"{source.name} offers you {made.amount_wh} Wh of certificates.", now)
    return made


@transaction.atomic
def accept(
    *,
    offer: Offer,
    by: Organisation,
    now: datetime,
    seen_wh: int | None = None,
    actor: object = "registry",
) -> Offer:
    """Take what is left of an offer, once. `seen_wh` is what the accepting side was shown.

    Raises: OfferRefused, SelectionChanged, CounterpartyRefused, PolicyRefused.
    """
    locked = _lock(offer)
    if not offer_states.check("accept", locked.status, _side(locked, by)):
        return locked
    if locked.lapses_at is not None and locked.lapses_at <= now:
        raise OfferRefused("This offer has lapsed. Ask for a new one.")
    counterparties.check(locked.source, locked.destination)
    amounts = _left(locked)
    left_wh = sum(amounts.values())
    if not left_wh:
        raise OfferRefused("Nothing is left of this offer: corrections or expiry took it.")
    if seen_wh is not None and seen_wh != left_wh:
        raise SelectionChanged(
            f"{left_wh} Wh are left of this offer, not {seen_wh} Wh as shown. Look again."
        )
    check_term(amounts, now)
    moves = moves_between(locked.sub_account.account_id, locked.destination.account_id, amounts)
    post_moves(key=f"offer:{locked.pk}:accept", moves=moves, now=now)
    words = f"{locked.destination.name} accepted your offer of {left_wh} Wh."
    return _end(locked, "accept", now, actor, words, moved_wh=left_wh)


@transaction.atomic
def reject(*, offer: Offer, by: Organisation, now: datetime, actor: object = "registry") -> Offer:
    """Turn an offer down; its certificates go back. Raises: OfferRefused."""
    locked = _lock(offer)
    words = f"{locked.destination.name} rejected your offer; its certificates are yours again."
    return _give_back(locked, "reject", _side(locked, by), now, actor, words)


@transaction.atomic
def withdraw(*, offer: Offer, by: Organisation, now: datetime, actor: object = "registry") -> Offer:
    """Take an offer back before it is accepted. Raises: OfferRefused."""
    locked = _lock(offer)
    words = f"{locked.source.name} withdrew its offer of {locked.amount_wh} Wh."
    return _give_back(locked, "withdraw", _side(locked, by), now, actor, words)


def lapse_due(*, now: datetime) -> int:
    """End offers whose time is over, each in its own transaction; returns how many."""
    due = Offer.objects.filter(status=Offer.Status.OPEN, lapses_at__lte=now).order_by("lapses_at")
    found = list(due[:IN_ONE_RUN])
    for one in found:
        _lapse(one, now)
    return len(found)


@transaction.atomic
def return_refused(*, entry_ids: Sequence[int], now: datetime) -> None:
    """What the chain refused to move out of an ended offer goes back to its source."""
    moved = Offer.objects.exclude(status=Offer.Status.OPEN).filter(
        sub_account__account__postings_out__entry__in=entry_ids
    )
    for one in moved.select_related("source", "destination", "sub_account").distinct():
        amounts = _left(one)
        if not amounts:
            continue
        moves = moves_between(one.sub_account.account_id, one.source.account_id, amounts)
        post_moves(key=f"offer:{one.pk}:refused:{min(entry_ids)}", moves=moves, now=now)
        for side in (one.source, one.destination):
            notices.send(
                key=f"offer:{one.pk}:refused:{min(entry_ids)}:{side.pk}",
                organisation_id=side.pk,
                kind=notices.Kind.OFFER,
                message=(
                    f"{sum(amounts.values())} Wh of the offer from {one.source.name} to "
                    f"{one.destination.name} could not be moved and went back to "
                    f"{one.source.name}. Make another offer of them."
                ),
                amount_wh=sum(amounts.values()),
                now=now,
            )


def checked_selection(organisation: Organisation, criteria: Criteria, seen: str) -> Selection:
    """What the criteria pick, if it is still what was shown.

    Raises: SelectionRefused, SelectionChanged.
    """
    picked = select(organisation, criteria)
    if seen and seen != picked.mark:
        raise SelectionChanged(
            "What you hold has changed since you looked: other certificates would move now. "
            "Look at the list again."
        )
    return picked


@transaction.atomic
def _lapse(offer: Offer, now: datetime) -> None:
    locked = _lock(offer)
    if locked.status == Offer.Status.OPEN:
        words = f"Your offer to {locked.destination.name} lapsed; its certificates are yours again."
        _give_back(locked, "lapse", REGISTRY, now, "registry", words)
        missed = f"The offer of {locked.amount_wh} Wh from {locked.source.name} lapsed unanswered."
        _tell(locked, locked.destination, missed, now, ":destination")


def _check(request: OfferRequest, now: datetime) -> None:
    if request.source.pk == request.destination.pk:
        raise TransferRefused(f"{request.source.name} cannot offer to itself.")
    if not request.key or len(request.key) > 120:
        raise OfferRefused("An offer's key has 1 to 120 characters.")
    if len(request.message) > 500:
        raise OfferRefused("A message has at most 500 characters. Shorten it.")
    if request.lapses_at is not None and request.lapses_at <= now:
        raise OfferRefused("The offer would lapse before it is made. Choose a later time.")


def _lock(offer: Offer) -> Offer:
    found = Offer.objects.select_related("source", "destination", "sub_account")
    return found.select_for_update(of=("self",)).get(pk=offer.pk)


def _side(offer: Offer, by: Organisation) -> str:
    sides = {offer.source_id: SOURCE, offer.destination_id: DESTINATION}
    if by.pk not in sides:
        raise OfferRefused(f"{by.name} is no side of this offer.")
    return sides[by.pk]


def _left(offer: Offer) -> dict[int, int]:
    """Wh of each asset in the offer's account, locked so that a correction waits or is seen."""
    account = offer.sub_account.account_id
    rows = Balance.objects.select_for_update().filter(account=account, amount__gt=0)
    return dict(rows.order_by("asset").values_list("asset", "amount"))


def _give_back(
    offer: Offer, event: str, side: str, now: datetime, actor: object, words: str
) -> Offer:
    if not offer_states.check(event, offer.status, side):
        return offer
    amounts = _left(offer)
    moves = moves_between(offer.sub_account.account_id, offer.source.account_id, amounts)
    if moves:
        post_moves(key=f"offer:{offer.pk}:return", moves=moves, now=now)
    return _end(offer, event, now, actor, words)


def _end(
    offer: Offer, event: str, now: datetime, actor: object, words: str, moved_wh: int = 0
) -> Offer:
    offer.status, offer.ended_at, offer.moved_wh = TRANSITIONS[event].target, now, moved_wh
    offer.save(update_fields=["status", "ended_at", "moved_wh"])
    _log(offer, offer.status, now, actor)
    other = offer.destination if event == "withdraw" else offer.source
    _tell(offer, other, words, now)
    return offer


def _log(offer: Offer, act: str, now: datetime, actor: object) -> None:
    audit.record(
        now=now,
        actor=actor,
        action=f"offer.{act}",
        subject=offer,
        detail={
            "from": offer.source.slug,
            "to": offer.destination.slug,
            "amount_wh": offer.moved_wh or offer.amount_wh,
        },
    )


def _tell(
    offer: Offer, organisation: Organisation, words: str, now: datetime, side: str = ""
) -> None:
    notices.send(
        key=f"offer:{offer.pk}:{offer.status}{side}",
        organisation_id=organisation.pk,
        kind=notices.Kind.OFFER,
        message=words,
        amount_wh=offer.moved_wh or offer.amount_wh,
        now=now,
    )
