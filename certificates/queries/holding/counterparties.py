"""An organisation's list of others, and what it has left between them."""

from dataclasses import dataclass

from django.db.models import Q, QuerySet

from certificates.domain.counterparties import ALLOW, standing_in_the_way
from certificates.models import Agreement, Counterparty, Offer, Organisation
from certificates.queries.holding.agreements import agreements_of


@dataclass(frozen=True, slots=True)
class KeptOut:
    """What came about before the list kept its other side out, and is still there."""

    offers: list[Offer]
    agreements: list[Agreement]

    def __bool__(self) -> bool:
        return bool(self.offers or self.agreements)


def listed(organisation: Organisation) -> list[Counterparty]:
    """Its list: those it allowed, then those it denied, by name."""
    found = organisation.counterparties.select_related("other")
    return list(found.order_by("rule", "other__name"))


def partners(organisation: Organisation) -> QuerySet[Organisation]:
    """The others it has had to do with: by offers, agreements, and its list."""
    offers = Offer.objects.filter(Q(source=organisation) | Q(destination=organisation))
    agreed = agreements_of(organisation)
    known = {
        *offers.order_by().values_list("source", flat=True).distinct(),
        *offers.order_by().values_list("destination", flat=True).distinct(),
        *agreed.values_list("to", flat=True),
        *agreed.values_list("device__organisation", flat=True),
        *organisation.counterparties.values_list("other", flat=True),
    }
    return Organisation.objects.filter(pk__in=known - {organisation.pk}).order_by("name")


def rules_of(organisation: Organisation) -> dict[int, str]:
    """Its rules by the organisations they name."""
    return dict(organisation.counterparties.values_list("other", "rule"))


def trades_with_some_alone(organisation: Organisation) -> bool:
    """Whether it has allowed anybody, and so trades with those alone."""
    return organisation.counterparties.filter(rule=ALLOW).exists()


def kept_out(organisation: Organisation) -> KeptOut:
    """Open offers that its list keeps from being accepted, and agreements that go on in spite."""
    rules = rules_of(organisation)
    sides = Q(source=organisation) | Q(destination=organisation)
    offers = Offer.objects.filter(sides, status=Offer.Status.OPEN)
    agreements = agreements_of(organisation).filter(ended_from=None)

    def is_out(one: int, two: int) -> bool:
        other = two if one == organisation.pk else one
        return bool(standing_in_the_way(rules, other))

    return KeptOut(
        [
            each
            for each in offers.select_related("source", "destination")
            if is_out(each.source_id, each.destination_id)
        ],
        [each for each in agreements if is_out(each.device.organisation_id, each.to_id)],
    )
