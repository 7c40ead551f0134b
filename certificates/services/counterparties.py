"""With whom an organisation trades: its lists, and the look at both sides' before an act."""

from datetime import datetime

from django.db import transaction

from certificates.errors import CounterpartyRefused
from certificates.models import Counterparty, Organisation
from ledger.services import audit

Rule = Counterparty.Rule


@transaction.atomic
def set_rule(
    *, organisation: Organisation, other: Organisation, rule: str, now: datetime, actor: object
) -> None:
    """Allow or deny another organisation; an empty rule takes the line off the list.

    It counts for what is done from now on, never for what has changed hands.
    Raises: CounterpartyRefused.
    """
    if organisation.pk == other.pk:
        raise CounterpartyRefused("An organisation does not list itself.")
    if rule not in ("", *Rule.values):
        raise CounterpartyRefused(f"{rule!r} is no rule: allow, deny, or nothing.")
    if rule:
        Counterparty.objects.update_or_create(
            organisation=organisation, other=other, defaults={"rule": rule, "noted_at": now}
        )
    else:
        Counterparty.objects.filter(organisation=organisation, other=other).delete()
    audit.record(
        now=now,
        actor=actor,
        action="counterparty.set",
        subject=organisation,
        detail={"other": other.slug, "rule": rule},
    )


def check(one: Organisation, two: Organisation) -> None:
    """Both sides' lists let them trade. Raises: CounterpartyRefused."""
    for own, other in ((one, two), (two, one)):
        rules = dict(own.counterparties.values_list("other", "rule"))
        if rules.get(other.pk) == Rule.DENY:
            raise CounterpartyRefused(f"{own.name} does not trade with {other.name}.")
        if Rule.ALLOW in rules.values() and rules.get(other.pk) != Rule.ALLOW:
            raise CounterpartyRefused(
                f"{own.name} trades with those on its list alone; {other.name} is not among them."
            )
