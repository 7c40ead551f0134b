"""The standing agreements of a device, and those that an organisation is a side of."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet

from certificates.models import Agreement, AgreementProposal, Device, Organisation
from certificates.queries.plants.ownership import acted_by


@dataclass(frozen=True, slots=True)
class StandingShare:
    """What an account gets of a device's production in [starts_at, ends_at): ppm, or Wh an hour."""

    account: int
    share_ppm: int
    wh_per_hour: int
    starts_at: datetime
    ends_at: datetime | None

    def holds_at(self, at: datetime) -> bool:
        """Whether it applies to production that starts then."""
        return self.starts_at <= at and (self.ends_at is None or at < self.ends_at)


def standing_shares(device: Device) -> list[StandingShare]:
    """Of a device, in the order in which they were agreed; what was ended ends there."""
    rows = device.agreements.order_by("pk").values_list(
        "to__account", "share_ppm", "wh_per_hour", "starts_at", "ends_at", "ended_from"
    )
    return [
        StandingShare(account, ppm, wh or 0, begin, end if ended is None else ended)
        for account, ppm, wh, begin, end, ended in rows
    ]


def agreements_of(organisation: Organisation) -> QuerySet[Agreement]:
    """Those it gives or gets by, the latest first."""
    sides = acted_by(organisation, "agreed_at") | Q(to=organisation)
    found = Agreement.objects.filter(sides).select_related("device__organisation", "to")
    return found.order_by("-pk")


def proposals_of(organisation: Organisation) -> QuerySet[AgreementProposal]:
    """Those it made or was made, the latest first."""
    sides = acted_by(organisation, "proposed_at") | Q(to=organisation)
    found = AgreementProposal.objects.filter(sides)
    return found.select_related("device__organisation", "to", "proposed_by")
