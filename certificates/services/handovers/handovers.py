"""A plant or storage passes to another owner: proposed, accepted, approved, in force."""

from datetime import date, datetime

from django.db import transaction

from certificates.domain import handover_states as states
from certificates.domain.handover_states import BUYER, REGISTRY, SELLER, TRANSITIONS
from certificates.errors import HandoverRefused
from certificates.models import Device, Handover, Organisation
from certificates.queries.generator.handover_effect import handovers_open
from certificates.queries.policies import policy_at
from certificates.queries.readings.tallies import open_debt_wh
from certificates.services import notices
from certificates.services.handovers import checks
from certificates.services.handovers import effects as handover_effects
from certificates.services.holding import counterparties
from ledger.services import audit

LONGEST_TEXT = 500
Status = Handover.Status


@transaction.atomic
def propose(
    *,
    device: Device,
    to: Organisation,
    effective_on: date,
    now: datetime,
    message: str = "",
    actor: object = "registry",
) -> Handover:
    """The owner asks another producer to take a plant over, from the start of a day in the
    plant's area on, or storage, from the start of a loss interval on. The same again, while it
    is open, is the first.

    Raises: HandoverRefused, CounterpartyRefused.
    """
    locked = _lock_device(device.pk)
    owner = locked.organisation
    checks.check_sides(locked, to)
    if len(message) > LONGEST_TEXT:
        raise HandoverRefused(f"A message has at most {LONGEST_TEXT} characters.")
    counterparties.check(owner, to)
    known = _under_way(locked, to, effective_on)
    if known:
        return known
    effective_at = checks.instant_of(locked, effective_on)
    checks.check_day(locked, effective_at, now)
    made = Handover.objects.create(
        device=locked,
        seller=owner,
        buyer=to,
        effective_on=effective_on,
        effective_at=effective_at,
        message=message.strip(),
        proposed_at=now,
    )
    words = (
        f"{owner.name} wants to hand {locked.name} over to you, for what {_gives(locked)} from "
        f"{effective_on} on. Accept or reject it."
    )
    _note(made, "proposed", [to], words, now, actor)
    return made


@transaction.atomic
def accept(
    *,
    handover: Handover,
    by: Organisation,
    debt_wh: int,
    now: datetime,
    actor: object = "registry",
) -> Handover:
    """The buyer takes the plant with what it owes, which is the Wh that they were shown.

    The registry approves next, or its policy does at once. Of storage the losses until the day
    have to be settled: what is left in it is the buyer's then. Raises: HandoverRefused.
    """
    locked = _lock(handover)
    if not states.check("accept", locked.status, _side(locked, by)):
        return locked
    counterparties.check(locked.seller, locked.buyer)
    checks.check_still(locked, now)
    owed = open_debt_wh(locked.device)
    if owed > debt_wh:
        raise HandoverRefused(
            f"{locked.device.name} owes {owed} Wh, which go with it, not {debt_wh} Wh. Look at "
            "the handover again and accept what it says."
        )
    locked.accepted_debt_wh, locked.accepted_at = owed, now
    _go(locked, "accept")
    words = f"{by.name} takes {locked.device.name} over from {locked.effective_on} on."
    _note(locked, locked.status, [locked.seller], words, now, actor)
    policy = policy_at(now)
    if policy is not None and not policy.handovers_need_approval:
        return approve(handover=locked, now=now, actor="policy: handovers need no approval")
    return locked


@transaction.atomic
def reject(
    *, handover: Handover, by: Organisation, now: datetime, actor: object = "registry"
) -> Handover:
    """The buyer does not take it, as long as the registry has not approved.

    Raises: HandoverRefused.
    """
    return _end("reject", handover, by, now, actor)


@transaction.atomic
def withdraw(
    *, handover: Handover, by: Organisation, now: datetime, actor: object = "registry"
) -> Handover:
    """The owner keeps it, as long as the registry has not approved. Raises: HandoverRefused."""
    return _end("withdraw", handover, by, now, actor)


@transaction.atomic
def approve(*, handover: Handover, now: datetime, actor: object) -> Handover:
    """The handover binds: agreements end at its instant, and from it on the output is the
    buyer's, however late its data come. Where that has come it takes effect at once.

    Raises: HandoverRefused, where the plant owes more than the buyer accepted or is certified
    beyond the instant.
    """
    locked = _lock(handover)
    if not states.check("approve", locked.status, REGISTRY):
        return locked
    checks.check_still(locked, now)
    owed = open_debt_wh(locked.device)
    if owed > (locked.accepted_debt_wh or 0):
        raise HandoverRefused(
            f"{locked.device.name} owes {owed} Wh by now; {locked.buyer.name} accepted "
            f"{locked.accepted_debt_wh} Wh. Refuse it, so that they can agree anew."
        )
    locked.decided_at = now
    _go(locked, "approve")
    handover_effects.end_agreements(locked, now, actor)
    words = (
        f"The registry has approved that {locked.device.name} passes from {locked.seller.name} "
        f"to {locked.buyer.name}: what {_gives(locked.device)} from {locked.effective_on} on is "
        "theirs."
    )
    _note(locked, locked.status, [locked.seller, locked.buyer], words, now, actor)
    return _take_effect(locked, now) if locked.effective_at <= now else locked


@transaction.atomic
def refuse(*, handover: Handover, reason: str, now: datetime, actor: object) -> Handover:
    """The registry does not approve, and says why. Raises: HandoverRefused."""
    if not reason.strip():
        raise HandoverRefused("Say why; both sides read it.")
    if len(reason) > LONGEST_TEXT:
        raise HandoverRefused(f"A reason has at most {LONGEST_TEXT} characters.")
    locked = _lock(handover)
    if states.check("refuse", locked.status, REGISTRY):
        locked.reason, locked.decided_at = reason.strip(), now
        _go(locked, "refuse")
        words = f"The registry refused the handover of {locked.device.name}: {locked.reason}"
        _note(locked, locked.status, [locked.seller, locked.buyer], words, now, actor)
    return locked


def take_effect_due(*, now: datetime) -> int:
    """Bring approved handovers whose day has come into force; returns how many were."""
    due = Handover.objects.filter(status=Status.APPROVED, effective_at__lte=now)
    done = 0
    for one in due.order_by("effective_at", "pk"):
        with transaction.atomic():
            locked = _lock(one)
            if states.check("take effect", locked.status, REGISTRY):
                _take_effect(locked, now)
                done += 1
    return done


def _take_effect(handover: Handover, now: datetime) -> Handover:
    handover.done_at = now
    _go(handover, "take effect")
    handover_effects.pass_on(handover, now)
    return handover


def _under_way(device: Device, to: Organisation, effective_on: date) -> Handover | None:
    """The same handover, where it is open. Raises: HandoverRefused where another one is."""
    known = handovers_open(device)
    if known and (known.buyer_id, known.effective_on) != (to.pk, effective_on):
        raise HandoverRefused(
            f"{device.name} is being handed over to {known.buyer.name} already "
            f"({known.get_status_display().lower()}). End that first."
        )
    return known


def _lock_device(pk: int) -> Device:
    found = Device.objects.select_related("organisation", "area")
    return found.select_for_update(of=("self",)).get(pk=pk)


def _lock(handover: Handover) -> Handover:
    # The device first, as every act on it does: issuance, corrections and agreements wait.
    device = _lock_device(handover.device_id)
    found = Handover.objects.select_related("seller", "buyer").select_for_update(of=("self",))
    locked = found.get(pk=handover.pk)
    locked.device = device
    return locked


def _gives(device: Device) -> str:
    return "comes out of it" if device.kind == Device.Kind.STORAGE else "is produced"


def _side(handover: Handover, by: Organisation) -> str:
    if by.pk == handover.seller_id:
        return SELLER
    if by.pk == handover.buyer_id:
        return BUYER
    raise HandoverRefused(f"{by.name} is no side of this handover.")


def _end(
    event: str, handover: Handover, by: Organisation, now: datetime, actor: object
) -> Handover:
    locked = _lock(handover)
    if states.check(event, locked.status, _side(locked, by)):
        _go(locked, event)
        told = locked.seller if by.pk == locked.buyer_id else locked.buyer
        words = f"{by.name} has {locked.status} the handover of {locked.device.name}."
        _note(locked, locked.status, [told], words, now, actor)
    return locked


def _go(handover: Handover, event: str) -> None:
    handover.status = TRANSITIONS[event].target
    handover.save()


def _note(
    handover: Handover,
    act: str,
    told: list[Organisation],
    words: str,
    now: datetime,
    actor: object,
) -> None:
    audit.record(
        now=now,
        actor=actor,
        action=f"handover.{act}",
        subject=handover,
        detail={
            "device": handover.device.gsrn,
            "from": handover.seller.slug,
            "to": handover.buyer.slug,
            "effective_at": handover.effective_at.isoformat(),
            "debt_wh": handover.accepted_debt_wh,
            "reason": handover.reason,
        },
    )
    for one in told:
        notices.send(
            key=f"handover:{handover.pk}:{act}:{one.pk}",
            organisation_id=one.pk,
            kind=notices.Kind.HANDOVER,
            message=words,
            now=now,
        )
