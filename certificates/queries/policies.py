"""The registry's terms at an instant."""

from datetime import datetime

from certificates.models import RegistryPolicy


def policy_at(now: datetime) -> RegistryPolicy | None:
    """The policy in force; None where the registry has set no limits."""
    return RegistryPolicy.objects.filter(valid_from__lte=now).order_by("-valid_from").first()
