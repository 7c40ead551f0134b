"""Whose a plant's output is and was, by the handovers that bind."""

from collections.abc import Iterable
from datetime import datetime

from django.db.models import Q, QuerySet

from certificates.domain.handover_states import BINDING
from certificates.domain.ownership import Owners
from certificates.models import Device, Handover, Organisation, PlantDocument

HELD, ACTED = "effective_at", "done_at"  # by the interval's instant; by when an act was done


def owners_of(device: Device) -> Owners[Organisation]:
    """Every owner of the device in turn; what comes once an approved handover's day is included."""
    return changed_owners([device.pk]).get(device.pk) or Owners([], [device.organisation])


def changed_owners(devices: Iterable[int]) -> dict[int, Owners[Organisation]]:
    """The same for those of these devices (by id) that ever changed hands."""
    rows = Handover.objects.filter(device__in=set(devices), status__in=BINDING)
    found: dict[int, list[Handover]] = {}
    for row in rows.select_related("seller", "buyer").order_by("effective_at"):
        found.setdefault(row.device_id, []).append(row)
    return {
        device: Owners(
            [row.effective_at for row in turns], [*(row.seller for row in turns), turns[-1].buyer]
        )
        for device, turns in found.items()
    }


def owned_since(device: Device) -> datetime | None:
    """From when on the output is its present owner's; None where nobody had the device before."""
    done = device.handovers.filter(status=Handover.Status.DONE).order_by("-effective_at")
    return done.values_list("effective_at", flat=True).first()


def papers_of(device: Device) -> QuerySet[PlantDocument]:
    """The present owner's papers for a device: an earlier owner's are the registry's to read."""
    done = device.handovers.filter(status=Handover.Status.DONE).order_by("-done_at")
    since = done.values_list("done_at", flat=True).first()
    found = device.documents.order_by("pk")
    return found.filter(uploaded_at__gte=since) if since else found


def handover_ahead(device: Device) -> Handover | None:
    """The approved handover whose day has not come."""
    return device.handovers.filter(status=Handover.Status.APPROVED).first()


def given_away_by(organisation: Organisation) -> QuerySet[Handover]:
    """Handovers in force of what it owned, the latest first."""
    found = organisation.handovers_given.filter(status=Handover.Status.DONE)
    return found.select_related("device__area", "seller", "buyer").order_by("-effective_at")


def had_by(organisation: Organisation, device: str = "device", at: str = "starts_at") -> Q:
    """Rows that the organisation may see: of its devices all, of those it gave away what had
    started before. `device` and `at` are where a row names them.
    """
    found = Q(**{f"{device}__organisation": organisation})
    for plant, since, until in _spans(organisation, HELD):
        span = Q(**{device: plant, f"{at}__lt": until})
        found |= span & Q(**{f"{at}__gte": since}) if since else span
    return found


def acted_by(organisation: Organisation, at: str, device: str = "device") -> Q:
    """Rows of acts that the organisation did as the owner of their device, at an instant `at`:
    what an owner before or after agreed on is not its own.
    """
    found = Q(**{f"{device}__organisation": organisation})
    for row in organisation.handovers_taken.filter(status=Handover.Status.DONE):
        found &= ~Q(**{device: row.device_id, f"{at}__lt": row.done_at})
    for plant, since, until in _spans(organisation, ACTED):
        span = Q(**{device: plant, f"{at}__lt": until})
        found |= span & Q(**{f"{at}__gte": since}) if since else span
    return found


def owner_when(device: Device, acted_at: datetime) -> Organisation:
    """Who acted as the device's owner at an instant."""
    later = device.handovers.filter(status=Handover.Status.DONE, done_at__gt=acted_at)
    first = later.select_related("seller").order_by("done_at").first()
    return first.seller if first else device.organisation


def _spans(organisation: Organisation, by: str) -> list[tuple[int, datetime | None, datetime]]:
    """(device, from, until) of what it gave away; from is None where nobody had it before."""
    found = []
    for row in given_away_by(organisation):
        earlier = Handover.objects.filter(
            device=row.device_id, status=Handover.Status.DONE, effective_at__lt=row.effective_at
        )
        since = earlier.order_by("-effective_at").values_list(by, flat=True).first()
        found.append((row.device_id, since, getattr(row, by)))
    return found
