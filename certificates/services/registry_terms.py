"""The registry's terms for everyone: set from an instant on, never for what was before."""

from collections.abc import Mapping
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction

from certificates.errors import PolicyRefused
from certificates.models import RegistryPolicy
from certificates.queries.policies import SET, TERMS, policy_at
from ledger.services import audit

PERCENTS = {
    "photovoltaic_day_percent": (1, "of full power"),
    "tidal_day_percent": (1, "of full power"),
    "capacity_tolerance_percent": (0, "more than full power"),
}
AT_LEAST_ONE = ("tradable_months", "usable_months", "upload_deadline_days")
MOST = {"months": 1_200, "days": 30_000}  # what a calendar bears, and a small integer
LONGEST_REASON = 200


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
    row = planned(changes=changes, valid_from=valid_from, reason=reason, now=now)
    known = RegistryPolicy.objects.select_for_update().filter(valid_from=valid_from).first()
    if known is not None:
        if all(getattr(known, name) == getattr(row, name) for name in TERMS):
            return known
        raise PolicyRefused("Other terms begin at that instant already. Choose another one.")
    row.save()
    audit.record(
        now=now,
        actor=actor,
        action=SET,
        subject=row,
        detail={"reason": row.reason, **{name: getattr(row, name) for name in changes}},
    )
    return row


def planned(
    *, changes: Mapping[str, object], valid_from: datetime, reason: str, now: datetime
) -> RegistryPolicy:
    """What `set_terms` would write; nothing is written. Raises: PolicyRefused."""
    unknown = sorted(set(changes) - set(TERMS))
    if unknown:
        raise PolicyRefused(f"{unknown[0]} is no term. Known: {', '.join(TERMS)}.")
    if not changes or not reason.strip():
        raise PolicyRefused("Say which terms change, and why; both are kept.")
    if len(reason.strip()) > LONGEST_REASON:
        raise PolicyRefused(f"A reason has at most {LONGEST_REASON} characters.")
    if valid_from < now:
        raise PolicyRefused("Terms change from now on at the earliest, never for what was before.")
    before = policy_at(valid_from)
    row = RegistryPolicy(valid_from=valid_from, reason=reason.strip())
    for name in TERMS:
        if name in changes or before:
            setattr(row, name, changes.get(name, getattr(before, name, None)))
    _check(row)
    return row


def _check(row: RegistryPolicy) -> None:
    try:
        row.clean_fields()
    except ValidationError as error:
        words = "; ".join(f"{name}: {' '.join(said)}" for name, said in error.message_dict.items())
        raise PolicyRefused(words) from error
    for name in TERMS:
        value, most = getattr(row, name), MOST.get(name.rpartition("_")[2])
        if most is not None and value is not None and value > most:
            raise PolicyRefused(
                f"{name}: {value} is too long; give {most} at most, or none for no limit."
            )
    for name, (least, what) in PERCENTS.items():
        value = getattr(row, name)
        if value is not None and not least <= value <= 100:
            raise PolicyRefused(f"{name}: {value} is no percentage {what}; {least} to 100 are.")
    for name in AT_LEAST_ONE:
        if getattr(row, name) == 0:
            raise PolicyRefused(
                f"{name}: 0 would end everything at once. Give 1 or more, or none for no limit."
            )
    trade, use = row.tradable_months, row.usable_months
    if trade is not None and use is not None and trade > use:
        raise PolicyRefused(
            f"tradable_months: {trade} months of trade are longer than the {use} months of use. "
            "What cannot be used is not traded either."
        )
