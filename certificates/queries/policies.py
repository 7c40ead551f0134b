"""The registry's terms at an instant, and how they came to be."""

from dataclasses import dataclass
from datetime import datetime

from certificates.domain.rules.technologies import TOLERANCE_PERCENT, highest_day_percent
from certificates.models import RegistryPolicy
from ledger.models import AuditEvent

FIXED = ("id", "valid_from", "reason")
TERMS = tuple(
    field.name for field in RegistryPolicy._meta.concrete_fields if field.name not in FIXED
)
SET = "policy.set"  # the audit event of it


@dataclass(frozen=True, slots=True)
class Change:
    """One term before and after."""

    term: str
    before: int | bool | None
    after: int | bool | None


@dataclass(frozen=True, slots=True)
class Turn:
    """Terms that begin at an instant: what they change of those before, and who set them."""

    policy: RegistryPolicy
    changes: tuple[Change, ...]
    actor: str


def day_percent_at(technology_code: str, policy: RegistryPolicy | None) -> int | None:
    """How much of full power a technology may show over a day under a policy; None for any."""
    if policy is None:
        return highest_day_percent(technology_code)
    return highest_day_percent(
        technology_code, policy.photovoltaic_day_percent, policy.tidal_day_percent
    )


def tolerance_percent_at(policy: RegistryPolicy | None) -> int:
    """How much more than full power an interval may show under a policy."""
    given = policy.capacity_tolerance_percent if policy else None
    return TOLERANCE_PERCENT if given is None else given


def policy_at(now: datetime) -> RegistryPolicy | None:
    """The policy in force; None where the registry has set no limits."""
    return RegistryPolicy.objects.filter(valid_from__lte=now).order_by("-valid_from").first()


def changes_between(before: RegistryPolicy | None, after: RegistryPolicy) -> tuple[Change, ...]:
    """Which terms differ; before the first row those of a registry without limits hold."""
    old = before or RegistryPolicy()
    return tuple(
        Change(name, getattr(old, name), getattr(after, name))
        for name in TERMS
        if getattr(old, name) != getattr(after, name)
    )


def turns() -> list[Turn]:
    """Every change of the terms, the latest first."""
    rows = list(RegistryPolicy.objects.order_by("valid_from"))
    subjects = {f"registrypolicy {row.pk}" for row in rows}
    events = AuditEvent.objects.filter(action=SET, subject__in=subjects)
    actors = dict(events.values_list("subject", "actor"))
    found = [
        Turn(row, changes_between(before, row), actors.get(f"registrypolicy {row.pk}", ""))
        for before, row in zip([None, *rows], rows, strict=False)
    ]
    return found[::-1]
