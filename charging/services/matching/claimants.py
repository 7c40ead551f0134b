"""Who may claim what a charge used: its operator, or the eMSP it left that to."""

from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet
from django.db.models.functions import Lower

from certificates.models import Organisation
from charging.domain.ocpi.charge import ChargeFacts
from charging.domain.party import PartyName
from charging.errors import InvalidPeriod
from charging.models import ClaimDelegation, Party
from charging.queries.delegations import in_force
from ledger.services import audit


def party_named(name: PartyName) -> Party | None:
    """The registered party of this name, in any case."""
    return parties_named(name).first()


def parties_named(name: PartyName) -> QuerySet[Party]:
    """The same, as rows that can be locked."""
    rows = Party.objects.select_related("organisation").alias(
        country=Lower("country_code"), party=Lower("party_id")
    )
    return rows.filter(country=name.country_code.lower(), party=name.party_id.lower())


def claimant_of(operator: Organisation, charge: ChargeFacts) -> Organisation:
    """Who may claim a charge of this operator, by whom its driver has the contract with."""
    given = in_force(charge.started_at).filter(operator=operator)
    if not given.exists():
        return operator
    provider = party_named(charge.token.party)
    if provider is None or provider.organisation_id == operator.pk:
        return operator
    contracts = given.filter(provider=provider.organisation_id)
    for contract_id in contracts.values_list("contract_id", flat=True):
        if not contract_id or contract_id.upper() == charge.token.contract_id.upper():
            return provider.organisation
    return operator


@transaction.atomic
def delegate(
    *,
    operator: Organisation,
    provider: Organisation,
    contract_id: str = "",
    valid_from: datetime,
    valid_to: datetime | None = None,
    now: datetime,
) -> ClaimDelegation:
    """Leave the claim of charges that start in the period to an eMSP. Twice is as once.

    Raises: InvalidPeriod, also for a delegation to oneself.
    """
    if operator == provider:
        raise InvalidPeriod(f"{operator.name} claims its own charges without a delegation.")
    if valid_to is not None and valid_to <= valid_from:
        raise InvalidPeriod("The delegation ends before it starts. Give --from before --to.")
    row, is_new = ClaimDelegation.objects.get_or_create(
        operator=operator,
        provider=provider,
        contract_id=contract_id,
        valid_from=valid_from,
        valid_to=valid_to,
    )
    if is_new:
        audit.record(
            actor="command delegate_claims",
            action="claims.delegated",
            subject=row,
            now=now,
            detail={"operator": operator.slug, "provider": provider.slug, "contract": contract_id},
        )
    return row
