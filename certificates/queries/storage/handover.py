"""What a handover of storage finds in it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Sum

from certificates.domain.storage.terms import interval_starts
from certificates.models import ChargeAllocation, Device, StorageAct
from certificates.queries.storage.pages import StoredOrigin, corrected_origins, stored_origins
from certificates.queries.storage.records import next_interval


@dataclass(frozen=True, slots=True)
class Content:
    """What goes with storage at an instant, in Wh.

    `origins` were left when it was last settled, at `settled_until`; they are final once that is
    the instant (`is_settled`). `retired_wh` of the owner's certificates stand retired for
    charges since the instant: they come out as the new owner's. `missing_wh` of all that was
    ever retired for its charges were, by corrections, not generated. `acts` can still be undone.
    """

    settled_until: datetime
    is_settled: bool
    origins: Sequence[StoredOrigin]
    retired_wh: int
    missing_wh: int
    acts: int

    @property
    def stored_wh(self) -> int:
        """All that was left, of whatever origin."""
        return sum(one.amount_wh for one in self.origins)


def content_of(device: Device, effective_at: datetime, now: datetime) -> Content:
    """What is in storage as far as it is settled, and what was done for it since."""
    settled, _ = next_interval(device.storage_terms)
    later = ChargeAllocation.objects.standing().filter(
        charge__device=device, charge__starts_at__gte=effective_at
    )
    acts = device.storage_acts.filter(status=StorageAct.Status.SCHEDULED)
    return Content(
        settled_until=settled,
        is_settled=settled >= effective_at,
        origins=stored_origins(device),
        retired_wh=int(later.aggregate(wh=Sum("retirement__amount_wh"))["wh"] or 0),
        missing_wh=sum(one.missing_wh for one in corrected_origins(device, now)),
        acts=acts.count(),
    )


def days_ahead(device: Device, until: datetime) -> list[datetime]:
    """The instants at which storage can change hands: where an unsettled loss interval begins."""
    terms = device.storage_terms
    since, _ = next_interval(terms)
    return interval_starts(terms.starts_at, terms.loss_months, since, until)
