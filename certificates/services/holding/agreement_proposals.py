"""A standing agreement that one side proposes and the other accepts."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from certificates.domain import proposal_states
from certificates.domain.proposal_states import OTHER, PROPOSER, TRANSITIONS
from certificates.errors import AgreementRefused
from certificates.models import Agreement, AgreementProposal, Device, Organisation
from certificates.services import notices
from certificates.services.holding import counterparties
from certificates.services.holding.agreements import (
    Period,
    agree,
    agree_hourly,
    check_terms,
    owned_period,
)
from ledger.services import audit


@dataclass(frozen=True, slots=True)
class Terms:
    """What is proposed: ppm or Wh an hour of a device, for production in a period."""

    device: Device
    to: Organisation
    period: Period
    share_ppm: int = 0
    wh_per_hour: int | None = None


@transaction.atomic
def propose(
    *, terms: Terms, by: Organisation, now: datetime, actor: object = "registry"
) -> AgreementProposal:
    """Ask the other side for an agreement; the same again, while open, is the first.

    Raises: AgreementRefused, CounterpartyRefused.
    """
    # The lock lets one of two equal proposals at once be made.
    found = Device.objects.select_for_update(of=("self",)).select_related("organisation")
    device, to = found.get(pk=terms.device.pk), terms.to
    owner, period = device.organisation, owned_period(device, terms.period)
    check_terms(device, to, (terms.share_ppm, terms.wh_per_hour), period)
    if by.pk not in (owner.pk, to.pk):
        raise AgreementRefused(f"{by.name} can propose only what it gives or gets itself.")
    counterparties.check(owner, to)
    facts = {
        "device": device,
        "to": to,
        "proposed_by": by,
        "share_ppm": terms.share_ppm,
        "wh_per_hour": terms.wh_per_hour,
        "starts_at": period[0],
        "ends_at": period[1],
    }
    known = AgreementProposal.objects.filter(**facts, status=proposal_states.OPEN).first()
    if known:
        return known
    made = AgreementProposal.objects.create(proposed_at=now, **facts)
    words = f"{by.name} proposes an agreement on {made.measure} of {device.name}."
    _note(made, "proposed", to if by.pk == owner.pk else owner, words, now, actor)
    return made


@transaction.atomic
def accept(
    *, proposal: AgreementProposal, by: Organisation, now: datetime, actor: object = "registry"
) -> Agreement:
    """Bring a proposed agreement into force, once.

    Raises: AgreementRefused, CounterpartyRefused.
    """
    locked = _lock(proposal)
    if proposal_states.check("accept", locked.status, _side(locked, by)):
        locked.agreement = _agreement(locked, now, actor)
        if AgreementProposal.objects.filter(agreement=locked.agreement).exists():
            raise AgreementRefused("The same agreement is in force already. Withdraw this one.")
        _end(locked, "accept", now, actor)
    if locked.agreement is None:
        raise AgreementRefused("This proposal led to no agreement.")
    return locked.agreement


@transaction.atomic
def reject(
    *, proposal: AgreementProposal, by: Organisation, now: datetime, actor: object = "registry"
) -> AgreementProposal:
    """Turn a proposal down. Raises: AgreementRefused."""
    locked = _lock(proposal)
    if proposal_states.check("reject", locked.status, _side(locked, by)):
        _end(locked, "reject", now, actor)
    return locked


@transaction.atomic
def withdraw(
    *, proposal: AgreementProposal, by: Organisation, now: datetime, actor: object = "registry"
) -> AgreementProposal:
    """Take a proposal back before it is accepted. Raises: AgreementRefused."""
    locked = _lock(proposal)
    if proposal_states.check("withdraw", locked.status, _side(locked, by)):
        _end(locked, "withdraw", now, actor)
    return locked


def _agreement(proposal: AgreementProposal, now: datetime, actor: object) -> Agreement:
    period = proposal.starts_at, proposal.ends_at
    device, to = proposal.device, proposal.to
    if proposal.wh_per_hour is not None:
        hourly = proposal.wh_per_hour
        return agree_hourly(
            device=device, to=to, wh_per_hour=hourly, period=period, now=now, actor=actor
        )
    share = proposal.share_ppm
    return agree(device=device, to=to, share_ppm=share, period=period, now=now, actor=actor)


def _lock(proposal: AgreementProposal) -> AgreementProposal:
    found = AgreementProposal.objects.select_related(
        "device__organisation", "to", "proposed_by", "agreement"
    )
    return found.select_for_update(of=("self",)).get(pk=proposal.pk)


def _side(proposal: AgreementProposal, by: Organisation) -> str:
    if by.pk not in (proposal.device.organisation_id, proposal.to_id):
        raise AgreementRefused(f"{by.name} is no side of this proposal.")
    return PROPOSER if by.pk == proposal.proposed_by_id else OTHER


def _end(proposal: AgreementProposal, event: str, now: datetime, actor: object) -> None:
    proposal.status, proposal.ended_at = TRANSITIONS[event][0], now
    proposal.save(update_fields=["status", "ended_at", "agreement"])
    owner, to = proposal.device.organisation, proposal.to
    other = to if proposal.proposed_by_id == owner.pk else owner
    actor_side, told = (proposal.proposed_by, other)
    if TRANSITIONS[event][1] == OTHER:
        actor_side, told = other, proposal.proposed_by
    words = (
        f"{actor_side.name} has {proposal.status} the proposed agreement on "
        f"{proposal.measure} of {proposal.device.name}."
    )
    _note(proposal, proposal.status, told, words, now, actor)


def _note(
    proposal: AgreementProposal,
    act: str,
    told: Organisation,
    words: str,
    now: datetime,
    actor: object,
) -> None:
    audit.record(
        now=now,
        actor=actor,
        action=f"proposal.{act}",
        subject=proposal,
        detail={"device": proposal.device.gsrn, "to": proposal.to.slug},
    )
    notices.send(
        key=f"proposal:{proposal.pk}:{act}",
        organisation_id=told.pk,
        kind=notices.Kind.AGREEMENT,
        message=words,
        now=now,
    )
