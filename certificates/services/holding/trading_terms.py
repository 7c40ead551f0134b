"""How long after its production the registry lets a certificate be traded."""

from collections.abc import Collection
from datetime import datetime

from certificates.domain.terms import months_before
from certificates.errors import PolicyRefused
from certificates.models import LotAsset
from certificates.queries.policies import policy_at

LOOK_UP = 500  # ids in one query


def check_term(assets: Collection[int], now: datetime) -> None:
    """Raises: PolicyRefused when one was produced too long ago to be traded."""
    policy = policy_at(now)
    if policy is None or policy.tradable_months is None:
        return
    made_by = months_before(now, policy.tradable_months)
    ids = sorted(assets)
    late = sum(
        LotAsset.objects.filter(
            asset__in=ids[begin : begin + LOOK_UP], lot__starts_at__lt=made_by
        ).count()
        for begin in range(0, len(ids), LOOK_UP)
    )
    if late:
        raise PolicyRefused(
            f"{late} of these certificates were produced more than {policy.tradable_months} "
            "months ago: they can be used, but not traded any more."
        )
