"""The registry's terms for everyone: set from an instant on, never for what was before."""

from collections.abc import Mapping
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction

from certificates.errors import PolicyRefused
from certificates.models import RegistryPolicy
from certificates.queries.policies import policy_at
from ledger.services import audit

FIXED = ("id", "valid_from", "reason")
TERMS = tuple(
    field.name for field in RegistryPolicy._meta.concrete_fields if field.name not in FIXED
)


@transaction.atomic
def set_terms(
    *,
    changes: Mapping[str, object],
    valid_from: datetime,
    reason: str,
    now: datetime,
    actor: object,
) -> RegistryPolicy:
    """Other terms from an instant on: those that hold then, with these changes. The same again
    answers with the first.

    Raises: PolicyRefused.
    """
    unknown = sorted(set(changes) - set(TERMS))
    if unknown:
        raise PolicyRefused(f"{unknown[0]} is no term. Known: {', '.join(TERMS)}.")
    if not changes or not reason.strip():
        raise PolicyRefused("Say which terms change, and why; both are kept.")
    if valid_from < now:
        raise PolicyRefused("Terms change from now on at the earliest, never for what was before.")
    before = policy_at(valid_from)
    known = RegistryPolicy.objects.select_for_update().filter(valid_from=valid_from).first()
    row = RegistryPolicy(valid_from=valid_from, reason=reason.strip())
    for name in TERMS:
        if name in changes or before:
            setattr(row, name, changes.get(name, getattr(before, name, None)))
    if known is not None:
        if all(getattr(known, name) == getattr(row, name) for name in TERMS):
            return known
        raise PolicyRefused("Other terms begin at that instant already. Choose another one.")
    try:
        row.full_clean()
    except ValidationError as error:
        raise PolicyRefused(" ".join(error.messages)) from error
    row.save()
    audit.record(
        now=now,
        actor=actor,
        action="policy.set",
        subject=row,
        detail={"reason": row.reason, **{name: getattr(row, name) for name in changes}},
    )
    return row
