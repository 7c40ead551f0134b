"""One act over many certificates that are named by their codes: all of them, or none."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction

from certificates.domain.bulk_lines import Line, check_held
from certificates.domain.holding_states import TRANSITIONS, check
from certificates.errors import TransferRefused
from certificates.models import Organisation
from certificates.queries.held_by_code import held_by_code
from certificates.services.holding import Change, account_of, change_state
from certificates.services.transfer import transfer
from ledger.models import Entry

AT_ONCE = 160  # certificates in one entry, so that the chain takes it in one call
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


@transaction.atomic
def carry_out(*, act: BulkAct, key: str, now: datetime, actor: object) -> int:
    """Transfer, reserve, release, lock, unlock or withdraw, once per key; returns the Wh.

    Raises: LinesRefused with every line that cannot be, TransferRefused, PolicyRefused,
    HoldingRefused, ledger.errors.KeyReused, ledger.errors.Overdrawn.
    """
    check(act.event, act.before)
    lines = sorted(act.lines, key=lambda line: line.asset)
    account = account_of(act.holder, act.before)
    held = held_by_code(account, [line.asset for line in lines])
    if not Entry.objects.filter(key=f"{key}:0").exists():
        check_held(act.lines, {code: each.amount_wh for code, each in held.items()}, act.before)
    for number, begin in enumerate(range(0, len(lines), AT_ONCE)):
        some = lines[begin : begin + AT_ONCE]
        # A repetition names what the first act moved: the rows are still there, at nothing.
        amounts = {held[line.asset].asset_id: line.amount_wh for line in some if line.asset in held}
        _carry_out(act, f"{key}:{number}", amounts, now, actor)
    return sum(line.amount_wh for line in lines)


def _carry_out(
    act: BulkAct, key: str, amounts: dict[int, int], now: datetime, actor: object
) -> None:
    if act.event != TRANSFER:
        change = Change(act.event, act.holder, amounts, act.before)
        change_state(change=change, key=key, now=now, reason=act.reason, actor=actor)
        return
    if act.to is None:
        raise TransferRefused("Say who shall get the certificates.")
    transfer(key=key, source=act.holder, destination=act.to, amounts=amounts, now=now, actor=actor)
