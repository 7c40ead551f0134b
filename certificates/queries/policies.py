"""The registry's terms at an instant."""

from datetime import datetime

from certificates.domain.rules.technologies import highest_day_percent
from certificates.models import RegistryPolicy


def day_percent_at(technology_code: str, policy: RegistryPolicy | None) -> int | None:
    """How much of full power a technology may show over a day under a policy; None for any."""
    if policy is None:
        return highest_day_percent(technology_code)
    return highest_day_percent(
        technology_code, policy.photovoltaic_day_percent, policy.tidal_day_percent
    )


def policy_at(now: datetime) -> RegistryPolicy | None:
    """The policy in force; None where the registry has set no limits."""
    return RegistryPolicy.objects.filter(valid_from__lte=now).order_by("-valid_from").first()
