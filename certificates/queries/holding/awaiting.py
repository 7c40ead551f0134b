"""What others have asked of organisations and nobody has answered yet."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import F, Q

from certificates.models import AgreementProposal, Handover, Offer, Organisation

SHOWN = 20  # of each kind; the lists have all


@dataclass(frozen=True, slots=True)
class AskedAgreement:
    """A proposed agreement and the organisation that is to answer it."""

    proposal: AgreementProposal
    asked: Organisation


@dataclass(frozen=True, slots=True)
class Awaiting:
    """Offers, proposals and handovers that wait for an answer, the longest first."""

    offers: list[Offer]
    proposals: list[AskedAgreement]
    handovers: list[Handover]

    def __bool__(self) -> bool:
        return bool(self.offers or self.proposals or self.handovers)


def awaiting_answer(organisations: Iterable[Organisation], now: datetime) -> Awaiting:
    """Offers made and agreements and plants proposed to these organisations, open at an instant.

    An offer whose time is over waits for nobody, even before it is marked as lapsed.
    """
    mine = [each.pk for each in organisations]
    in_time = Q(lapses_at__isnull=True) | Q(lapses_at__gt=now)
    offers = Offer.objects.filter(in_time, destination__in=mine, status=Offer.Status.OPEN)
    to_receiver = Q(to__in=mine) & ~Q(proposed_by=F("to"))
    to_owner = Q(device__organisation__in=mine) & ~Q(proposed_by=F("device__organisation"))
    proposals = AgreementProposal.objects.filter(
        to_receiver | to_owner, status=AgreementProposal.Status.OPEN
    ).select_related("device__organisation", "to", "proposed_by")
    handovers = Handover.objects.filter(buyer__in=mine, status=Handover.Status.PROPOSED)
    return Awaiting(
        list(offers.select_related("source", "destination").order_by("pk")[:SHOWN]),
        [AskedAgreement(each, _asked(each)) for each in proposals.order_by("pk")[:SHOWN]],
        list(handovers.select_related("device", "seller", "buyer").order_by("pk")[:SHOWN]),
    )


def _asked(proposal: AgreementProposal) -> Organisation:
    owner = proposal.device.organisation
    return owner if proposal.proposed_by_id == proposal.to_id else proposal.to
