"""Using certificates of many lots for one beneficiary, with a statement."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from certificates.domain import cancellation_states as states
from certificates.domain.selection import Criteria, request_hash
from certificates.errors import CancellationRefused
from certificates.models import Cancellation, Organisation, SubAccount
from certificates.queries.holding.holdings import Holding
from certificates.queries.holding.selecting import Selection, held_in
from certificates.services import notices
from certificates.services.holding.cancellation_retiring import retire_holdings
from certificates.services.holding.holds import set_apart
from certificates.services.holding.moving import moves_between, post_moves
from certificates.services.holding.offers import checked_selection
from certificates.services.holding.whole_acts import check_whole
from certificates.services.in_turn import in_turn
from ledger.domain.commitment import KEY_BYTES
from ledger.errors import KeyReused
from ledger.models import Balance
from ledger.services import audit

UNDO = timedelta(minutes=10)  # for what a person does in the browser
IN_ONE_RUN = 100  # cancellations carried out in one run of the task
LENGTHS = {
    "key": 120,
    "beneficiary": 200,
    "purpose": 100,
    "address": 300,
    "location": 200,
    "note": 500,
}
Kind, Status = Cancellation.BeneficiaryKind, Cancellation.Status


@dataclass(frozen=True, slots=True)
class Beneficiary:
    """For whom and for what; `country` is ISO 3166-1 alpha-2, the period is half-open.

    `name` may be left out where the holder uses the certificates itself.
    """

    kind: str
    country: str
    purpose: str
    consumption_starts_at: datetime
    consumption_ends_at: datetime
    name: str = ""
    address: str = ""
    location: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class CancellationRequest:
    """What the holder uses for whom, once per key of the holder.

    `seen` is the mark of the selection that a person was shown, empty where nobody was.
    """

    holder: Organisation
    criteria: Criteria
    beneficiary: Beneficiary
    key: str
    seen: str = ""

    def hash(self) -> bytes:
        told = self.beneficiary
        period = told.consumption_starts_at.timestamp(), told.consumption_ends_at.timestamp()
        words = [told.kind, told.country, told.purpose, told.name]
        words += [told.address, told.location, told.note]
        return request_hash(self.criteria.facts() | {"words": words, "period": period})


@transaction.atomic
def cancel(
    *,
    request: CancellationRequest,
    now: datetime,
    undo_for: timedelta | None = None,
    actor: object = "registry",
) -> Cancellation:
    """Use what the criteria pick, at once, or after a time in which it can be undone.

    Meanwhile the Wh lie in an account of their own. Again with the key: the first one.
    Raises: CancellationRefused, SelectionRefused, SelectionChanged, WholeCertificatesOnly,
    ledger.errors.KeyReused, ledger.errors.Overdrawn.
    """
    check(request)
    holder = request.holder
    # The lock lets one of two requests with one key at once act.
    Organisation.objects.select_for_update().get(pk=holder.pk)
    known = Cancellation.objects.filter(holder=holder, key=request.key).first()
    if known:
        if bytes(known.request_hash) != request.hash():
            raise KeyReused(f"Key {request.key} was already used for another cancellation.")
        return known
    picked = checked_selection(holder, request.criteria, request.seen)
    check_whole(picked.amounts)
    made = _create(request, picked, now, undo_for)
    if made.sub_account is None:
        retire_holdings(made, holder.account_id, picked.holdings, now)
    else:
        moves = moves_between(holder.account_id, made.sub_account.account_id, picked.amounts)
        post_moves(key=f"cancellation:{made.pk}", moves=moves, now=now)
    _log(made, made.status, now, actor)
    return made


@transaction.atomic
def undo(
    *, cancellation: Cancellation, by: Organisation, now: datetime, actor: object = "registry"
) -> Cancellation:
    """Give a scheduled cancellation's Wh back to their holder. Raises: CancellationRefused."""
    locked = _lock(cancellation)
    if by.pk != locked.holder_id:
        raise CancellationRefused("Only the holder may undo a cancellation.")
    if locked.status == Status.DONE:
        raise CancellationRefused("The time to undo it is over: these certificates are used.")
    if not states.check("undo", locked.status):
        return locked
    _give_back(locked, f"cancellation:{locked.pk}:undo", now)
    return _end(locked, "undo", now, actor)


@transaction.atomic
def carry_out(
    *, cancellation: Cancellation, now: datetime, actor: object = "registry"
) -> Cancellation:
    """Retire what a scheduled cancellation still holds, once its time is over.

    Raises: CancellationRefused.
    """
    locked = _lock(cancellation)
    if not states.check("carry out", locked.status):
        return locked
    if now < locked.due_at:
        raise CancellationRefused(f"It can be undone until {locked.due_at:%H:%M:%S} UTC.")
    held = _held(locked)
    if held:
        retire_holdings(locked, _account(locked), held, now)
    left = sum(row.amount_wh for row in held)
    if left != locked.amount_wh:
        _tell(
            locked,
            f"Of the {locked.amount_wh} Wh of cancellation {locked.number} only {left} Wh were "
            "there when its time came: corrections or expiry took the rest.",
            now,
        )
    return _end(locked, "carry out" if held else "give up", now, actor)


def carry_out_due(*, now: datetime) -> int:
    """Carry out what is due, each in its own transaction; returns how many were."""
    due = Cancellation.objects.filter(status=Status.SCHEDULED, due_at__lte=now)
    rows = list(due.order_by("due_at")[:IN_ONE_RUN])
    return in_turn(rows, lambda one: carry_out(cancellation=one, now=now))


@transaction.atomic
def return_refused(*, entry_ids: Sequence[int], now: datetime) -> None:
    """What the chain refused to take out of an ended cancellation's account goes back."""
    refused = Cancellation.objects.exclude(status=Status.SCHEDULED).filter(
        sub_account__account__postings_out__entry__in=entry_ids
    )
    for one in refused.select_related("holder", "sub_account").distinct():
        wh = _give_back(one, f"cancellation:{one.pk}:refused:{min(entry_ids)}", now)
        if wh:
            words = f"{wh} Wh of cancellation {one.number} could not be used; you hold them again."
            _tell(one, words, now, mark=f"refused:{min(entry_ids)}")


def _create(
    request: CancellationRequest, picked: Selection, now: datetime, undo_for: timedelta | None
) -> Cancellation:
    told, holder = request.beneficiary, request.holder
    is_scheduled = undo_for is not None
    return Cancellation.objects.create(
        holder=holder,
        key=request.key,
        request_hash=request.hash(),
        public_id=secrets.token_urlsafe(20),
        disclosure_key=secrets.token_bytes(KEY_BYTES),
        status=Status.SCHEDULED if is_scheduled else Status.DONE,
        sub_account=(
            set_apart(holder, SubAccount.Purpose.SCHEDULED, "about to be used")
            if is_scheduled
            else None
        ),
        lots=len({row.lot_id for row in picked.holdings}),
        amount_wh=picked.amount_wh,
        beneficiary_kind=told.kind,
        beneficiary=told.name or holder.name,
        address=told.address,
        country=told.country.upper(),
        location=told.location,
        purpose=told.purpose,
        note=told.note,
        consumption_starts_at=told.consumption_starts_at,
        consumption_ends_at=told.consumption_ends_at,
        asked_at=now,
        due_at=now + (undo_for or timedelta()),
        ended_at=None if is_scheduled else now,
    )


def check(request: CancellationRequest) -> None:
    """Whether a beneficiary, a period and texts can be so. Raises: CancellationRefused."""
    told = request.beneficiary
    if told.kind not in Kind.values:
        raise CancellationRefused(f"{told.kind!r} is no kind of beneficiary.")
    if told.kind != Kind.SELF and not told.name.strip():
        raise CancellationRefused("Name the beneficiary.")
    if not told.purpose.strip():
        raise CancellationRefused("Say what the certificates are used for.")
    if len(told.country) != 2 or not (told.country.isascii() and told.country.isalpha()):
        raise CancellationRefused("The country of use is two letters, such as GB.")
    _check_period(told.consumption_starts_at, told.consumption_ends_at)
    _check_lengths(request)


def _check_period(starts_at: datetime, ends_at: datetime) -> None:
    if starts_at.tzinfo is None or ends_at.tzinfo is None:
        raise CancellationRefused("The period of use needs its time zone, such as Z.")
    if ends_at <= starts_at:
        raise CancellationRefused("The period of use ends before it starts. Swap its ends.")


def _check_lengths(request: CancellationRequest) -> None:
    told = request.beneficiary
    texts = {
        "key": request.key,
        "beneficiary": told.name,
        "purpose": told.purpose,
        "address": told.address,
        "location": told.location,
        "note": told.note,
    }
    for name, text in texts.items():
        if len(text) > LENGTHS[name]:
            raise CancellationRefused(f"The {name} has at most {LENGTHS[name]} characters.")
    if not request.key:
        raise CancellationRefused("A cancellation needs a key.")


def _lock(cancellation: Cancellation) -> Cancellation:
    found = Cancellation.objects.select_related("holder", "sub_account")
    return found.select_for_update(of=("self",)).get(pk=cancellation.pk)


def _account(cancellation: Cancellation) -> int:
    if cancellation.sub_account is None:
        raise CancellationRefused("It was carried out at once and holds nothing.")
    return int(cancellation.sub_account.account_id)


def _held(cancellation: Cancellation) -> list[Holding]:
    account = _account(cancellation)
    # Locked first, so that a correction waits or is seen.
    list(
        Balance.objects.select_for_update().filter(account=account, amount__gt=0).order_by("asset")
    )
    return held_in(account)


def _give_back(cancellation: Cancellation, key: str, now: datetime) -> int:
    amounts = {row.asset_id: row.amount_wh for row in _held(cancellation)}
    if amounts:
        account, holder = _account(cancellation), cancellation.holder.account_id
        post_moves(key=key, moves=moves_between(account, holder, amounts), now=now)
    return sum(amounts.values())


def _end(cancellation: Cancellation, event: str, now: datetime, actor: object) -> Cancellation:
    cancellation.status, cancellation.ended_at = states.TRANSITIONS[event], now
    cancellation.save(update_fields=["status", "ended_at"])
    _log(cancellation, cancellation.status, now, actor)
    return cancellation


def _log(cancellation: Cancellation, act: str, now: datetime, actor: object) -> None:
    audit.record(
        now=now,
        actor=actor,
        action=f"cancellation.{act}",
        subject=cancellation,
        detail={"number": cancellation.number, "amount_wh": cancellation.amount_wh},
    )


def _tell(cancellation: Cancellation, words: str, now: datetime, mark: str = "less") -> None:
    notices.send(
        key=f"cancellation:{cancellation.pk}:{mark}",
        organisation_id=cancellation.holder_id,
        kind=notices.Kind.CANCELLATION,
        message=words,
        amount_wh=cancellation.amount_wh,
        now=now,
    )
