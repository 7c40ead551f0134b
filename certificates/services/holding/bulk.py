"""One act over many certificates that are named by their codes: all of them, or none."""

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
from certificates.services.holding.offers import OfferRequest
from certificates.services.holding.transfer import transfer
from ledger.models import Entry

TRANSFER = "transfer"


@dataclass(frozen=True, slots=True)
class BulkAct:
    """What happens to which certificates of one holder.

    `to` is who gets them in a transfer. `state` is what they are now; left out where the
    event knows only one.
    """

    event: str
    holder: Organisation
    lines: Sequence[Line] = field(repr=False)
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
def carry_out(*, act: BulkAct, key: str, now: datetime, actor: object) -> int:
    """Transfer, reserve, release, lock, unlock or withdraw, once per key; returns the Wh.

    Raises: LinesRefused with every line that cannot be, TransferRefused, PolicyRefused,
    CounterpartyRefused, HoldingRefused, ledger.errors.KeyReused, ledger.errors.Overdrawn.
    """
    check(act.event, act.before)
    is_known = Entry.objects.filter(key=key).exists()
    amounts = _amounts(act.holder, act.lines, act.before, is_known)
    if act.event == TRANSFER:
        if act.to is None:
            raise TransferRefused("Say who shall get the certificates.")
        parties = {"source": act.holder, "destination": act.to}
        transfer(key=key, **parties, amounts=amounts, now=now, actor=actor)
    else:
        change = Change(act.event, act.holder, amounts, act.before)
        change_state(change=change, key=key, now=now, reason=act.reason, actor=actor)
    return sum(amounts.values())


@transaction.atomic
def cancel(
    *,
    holder: Organisation,
    picked: Sequence[Line] | Criteria,
    beneficiary: Beneficiary,
    key: str,
    now: datetime,
    actor: object,
) -> Cancellation:
    """Use these certificates, or what is picked, for one beneficiary, with a statement.

    Raises: LinesRefused with every line that cannot be, and as `cancellations.cancel`.
    """
    is_known = Cancellation.objects.filter(holder=holder, key=key).exists()
    criteria = _criteria(holder, picked, is_known)
    request = CancellationRequest(holder, criteria, beneficiary, key)
    return cancellations.cancel(request=request, now=now, actor=actor)


@transaction.atomic
def offer(
    *,
    holder: Organisation,
    picked: Sequence[Line] | Criteria,
    terms: Terms,
    key: str,
    now: datetime,
    actor: object,
) -> Offer:
    """Offer these certificates, or what is picked, to another organisation, once per key.

    Raises: LinesRefused with every line that cannot be, and as `offers.offer`.
    """
    is_known = Offer.objects.filter(source=holder, key=key).exists()
    criteria = _criteria(holder, picked, is_known)
    request = OfferRequest(
        holder, terms.to, criteria, key, lapses_at=terms.lapses_at, message=terms.message
    )
    return offers.offer(request=request, now=now, actor=actor)


def _criteria(holder: Organisation, picked: Sequence[Line] | Criteria, is_known: bool) -> Criteria:
    if isinstance(picked, Criteria):
        return picked
    return Criteria(picked=_amounts(holder, picked, ACTIVE, is_known))


def _amounts(
    holder: Organisation, lines: Sequence[Line], state: str, is_known: bool
) -> dict[int, int]:
    """Wh by the assets' ids. A repetition names what the first act moved: their rows stay,
    at nothing, so what is held is looked at only the first time."""
    held = held_by_code(account_of(holder, state), [line.asset for line in lines])
    if not is_known:
        check_held(lines, {code: each.amount_wh for code, each in held.items()}, state)
    return {held[line.asset].asset_id: line.amount_wh for line in lines if line.asset in held}
