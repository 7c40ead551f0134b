"""Who left the claim of charges to whom, and when."""

from datetime import datetime

from django.db.models import Q, QuerySet

from charging.models import ClaimDelegation


def in_force(at: datetime) -> QuerySet[ClaimDelegation]:
    """The delegations that held at an instant."""
    return ClaimDelegation.objects.filter(
        Q(valid_to__isnull=True) | Q(valid_to__gt=at), valid_from__lte=at
    )
