"""Telling owners of storage that a meter behind what they stored was corrected."""

from collections.abc import Sequence
from datetime import datetime

from django.db.models import Exists, OuterRef

from certificates.models import ChargeAllocation, Correction, Device
from certificates.queries.plants.ownership import owners_of
from certificates.queries.readings.shortfalls import given_back_of
from certificates.queries.storage.pages import corrected_origins
from certificates.services import notices

LOT = "retirement__lot"
LOOK_UP = 500  # ids in one query


def tell_owners(*, correction_ids: Sequence[int], now: datetime) -> None:
    """One notice for each storage whose charges used Wh that these corrections took away."""
    storages: set[int] = set()
    hours: set[tuple[int, datetime]] = set()
    used = ChargeAllocation.objects.standing()
    for begin in range(0, len(correction_ids), LOOK_UP):
        some = Correction.objects.filter(pk__in=correction_ids[begin : begin + LOOK_UP])
        hours |= set(some.values_list("device", "starts_at"))
        mine = some.filter(
            device=OuterRef(f"{LOT}__device"), starts_at=OuterRef(f"{LOT}__starts_at")
        )
        storages |= set(used.filter(Exists(mine)).values_list("charge__device", flat=True))
    lots = given_back_of(correction_ids)
    for begin in range(0, len(lots), LOOK_UP):
        again = used.filter(**{f"{LOT}__in": lots[begin : begin + LOOK_UP]})
        storages |= set(again.values_list("charge__device", flat=True))
    for storage in Device.objects.filter(pk__in=storages).order_by("pk"):
        _tell(storage, hours, min(correction_ids), now)


def _tell(storage: Device, hours: set[tuple[int, datetime]], first: int, now: datetime) -> None:
    found = [
        one
        for one in corrected_origins(storage, now)
        if (one.shortfall.device.pk, one.shortfall.starts_at) in hours
    ]
    missing = sum(one.missing_wh for one in found)
    if not missing:
        return
    plants = ", ".join(dict.fromkeys(one.shortfall.device.name for one in found))
    for owner in sorted(_concerned(storage, hours)):
        former = f":{owner}" if owner != storage.organisation_id else ""
        notices.send(
            key=f"storage-shortfall:{storage.pk}:{first}:{missing}{former}",
            organisation_id=owner,
            kind=notices.Kind.STORAGE,
            message=(
                f"{storage.name}: the meter of {plants} was corrected. {missing:,} Wh that were "
                "retired for its charges were not generated after all. What is retired and what "
                "came back stands; the plant owes the difference."
            ),
            amount_wh=missing,
            now=now,
        )


def _concerned(storage: Device, hours: set[tuple[int, datetime]]) -> set[int]:
    """Who has the storage, and who had it when these hours were charged."""
    owners, concerned = owners_of(storage), {storage.organisation_id}
    if not owners.changes:
        return concerned
    charges = ChargeAllocation.objects.standing().filter(charge__device=storage)
    rows = charges.values_list("charge__starts_at", f"{LOT}__device", f"{LOT}__starts_at")
    return concerned | {
        owners.at(charged_at).pk for charged_at, *made in rows if tuple(made) in hours
    }
