"""One act over many certificates, named by their codes or chosen by facts: all, or none."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction

from certificates.domain.bulk_lines import Line, check_held
from certificates.domain.holding_states import ACTIVE, TRANSITIONS, check
from certificates.domain.selection import Criteria
from certificates.errors import TransferRefused
from certificates.models import Cancellation, Offer, Organisation
from certificates.queries.holding.held_by_code import held_by_code
from certificates.services.holding import cancellations, offers
from certificates.services.holding.cancellations import Beneficiary, CancellationRequest
from certificates.services.holding.holds import Change, account_of, change_state
from certificates.services.holding.moving import moved_under
from certificates.services.holding.offers import OfferRequest, checked_selection
from certificates.services.holding.transfer import transfer
from ledger.models import Entry

TRANSFER = "transfer"


@dataclass(frozen=True, slots=True)
class Chosen:
    """What criteria pick of the active certificates; `seen` is the mark of what was shown."""

    criteria: Criteria
    seen: str = ""


@dataclass(frozen=True, slots=True)
class BulkAct:
    """What happens to which certificates of one holder.

    `to` is who gets them in a transfer. `state` is what they are now; left out where the
    event knows only one. Only what is active is chosen by criteria.
    """

    event: str
    holder: Organisation
    picked: Sequence[Line] | Chosen = field(repr=False)
    to: Organisation | None = None
    state: str = ""
    reason: str = ""

    @property
    def before(self) -> str:
        return self.state or TRANSITIONS[self.event].sources[0]


@dataclass(frozen=True, slots=True)
class Terms:
    """To whom certificates are offered, until when, and in which words."""

    to: Organisation
    lapses_at: datetime | None = None
    message: str = ""


@transaction.atomic
def carry_out(*, act: BulkAct, key: str, now: datetime, actor: object) -> dict[int, int]:
    """Transfer, reserve, release, lock, unlock or withdraw, once per key; returns the Wh of
    each asset (by id).

    Raises: LinesRefused with every line that cannot be, SelectionRefused, SelectionChanged,
    TransferRefused, PolicyRefused, CounterpartyRefused, HoldingRefused,
    ledger.errors.KeyReused, ledger.errors.Overdrawn.
    """
    check(act.event, act.before)
    is_known = Entry.objects.filter(key=key).exists()
    if isinstance(act.picked, Chosen):
        amounts = moved_under(key) if is_known else _chosen(act.holder, act.picked)
    else:
        amounts = _amounts(act.holder, act.picked, act.before, is_known)
    if act.event == TRANSFER:
        if act.to is None:
            raise TransferRefused("Say who shall get the certificates.")
        parties = {"source": act.holder, "destination": act.to}
        transfer(key=key, **parties, amounts=amounts, now=now, actor=actor)
    else:
        change = Change(act.event, act.holder, amounts, act.before)
        change_state(change=change, key=key, now=now, reason=act.reason, actor=actor)
    return amounts


@transaction.atomic
def cancel(
    *,
    holder: Organisation,
    picked: Sequence[Line] | Chosen,
    beneficiary: Beneficiary,
    key: str,
    now: datetime,
    actor: object,
) -> Cancellation:
    """Use these certificates, or what is picked, for one beneficiary, with a statement.

    Raises: LinesRefused with every line that cannot be, and as `cancellations.cancel`.
    """
    is_known = Cancellation.objects.filter(holder=holder, key=key).exists()
    chosen = _as_chosen(holder, picked, is_known)
    request = CancellationRequest(holder, chosen.criteria, beneficiary, key, chosen.seen)
    return cancellations.cancel(request=request, now=now, actor=actor)


@transaction.atomic
def offer(
    *,
    holder: Organisation,
    picked: Sequence[Line] | Chosen,
    terms: Terms,
    key: str,
    now: datetime,
    actor: object,
) -> Offer:
    """Offer these certificates, or what is picked, to another organisation, once per key.

    Raises: LinesRefused with every line that cannot be, and as `offers.offer`.
    """
    is_known = Offer.objects.filter(source=holder, key=key).exists()
    chosen = _as_chosen(holder, picked, is_known)
    request = OfferRequest(
        source=holder,
        destination=terms.to,
        criteria=chosen.criteria,
        key=key,
        lapses_at=terms.lapses_at,
        message=terms.message,
        seen=chosen.seen,
    )
    return offers.offer(request=request, now=now, actor=actor)


def _as_chosen(holder: Organisation, picked: Sequence[Line] | Chosen, is_known: bool) -> Chosen:
    if isinstance(picked, Chosen):
        return picked
    return Chosen(Criteria(picked=_amounts(holder, picked, ACTIVE, is_known)))


def _chosen(holder: Organisation, chosen: Chosen) -> dict[int, int]:
    # The lock lets one of two acts at once choose and move.
    Organisation.objects.select_for_update().get(pk=holder.pk)
    return checked_selection(holder, chosen.criteria, chosen.seen).amounts


def _amounts(
    holder: Organisation, lines: Sequence[Line], state: str, is_known: bool
) -> dict[int, int]:
    """Wh by the assets' ids. A repetition names what the first act moved: their rows stay,
    at nothing, so what is held is looked at only the first time."""
    held = held_by_code(account_of(holder, state), [line.asset for line in lines])
    if not is_known:
        check_held(lines, {code: each.amount_wh for code, each in held.items()}, state)
    return {held[line.asset].asset_id: line.amount_wh for line in lines if line.asset in held}
