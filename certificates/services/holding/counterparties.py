"""With whom an organisation trades: its lists, and the look at both sides' before an act."""

from datetime import datetime

from django.db import transaction

from certificates.domain.counterparties import DENY, RULES, standing_in_the_way
from certificates.errors import CounterpartyRefused
from certificates.models import Counterparty, Organisation
from certificates.queries.holding.counterparties import rules_of
from ledger.services import audit


@transaction.atomic
def set_rule(
    *, organisation: Organisation, other: Organisation, rule: str, now: datetime, actor: object
) -> None:
    """Allow or deny another organisation; an empty rule takes the line off the list.

    It counts for what is done from now on, never for what has changed hands. The rule that is
    set already changes nothing.
    Raises: CounterpartyRefused.
    """
    if organisation.pk == other.pk:
        raise CounterpartyRefused("An organisation does not list itself.")
    if rule not in ("", *RULES):
        raise CounterpartyRefused(f"{rule!r} is no rule: allow, deny, or nothing.")
    # The lock lets one of two clicks at once look and write.
    Organisation.objects.select_for_update().get(pk=organisation.pk)
    known = Counterparty.objects.filter(organisation=organisation, other=other).first()
    before = known.rule if known else ""
    if before == rule:
        return
    if rule:
        Counterparty.objects.update_or_create(
            organisation=organisation, other=other, defaults={"rule": rule, "noted_at": now}
        )
    elif known:
        known.delete()
    audit.record(
        now=now,
        actor=actor,
        action="counterparty.set",
        subject=organisation,
        detail={"other": other.slug, "rule": rule, "was": before},
    )


def check(one: Organisation, two: Organisation) -> None:
    """Both sides' lists let them trade. Raises: CounterpartyRefused, with the rule."""
    for own, other in ((one, two), (two, one)):
        rule = standing_in_the_way(rules_of(own), other.pk)
        if rule == DENY:
            raise CounterpartyRefused(
                f"{own.name} has denied {other.name}: the two do not trade until {own.name} takes "
                "that line off its list of counterparties."
            )
        if rule:
            raise CounterpartyRefused(
                f"{own.name} trades with those alone that it has allowed on its list of "
                f"counterparties; {other.name} is not among them."
            )
