"""What has to be so for a plant or storage to change hands on a day."""

from datetime import date, datetime, timedelta

from certificates.domain.ownership import start_of_day
from certificates.errors import HandoverRefused
from certificates.models import Device, Handover, Organisation, Role
from certificates.queries.generator.handover_effect import certified_since
from certificates.queries.plants.ownership import owned_since
from certificates.queries.storage.handover import days_ahead
from certificates.queries.storage.records import next_interval

FARTHEST = timedelta(days=366)
YEARS = range(1970, 2201)  # what a calendar can mean here
HANDED_OVER = (Device.Status.APPROVED, Device.Status.SUSPENDED)
UTC_ZONE = "UTC"  # of loss intervals


def instant_of(device: Device, day: date) -> datetime:
    """Where a day begins: in the area's zone, as deeds have it; of storage in UTC, in which its
    loss intervals begin. Raises: HandoverRefused.
    """
    if day.year not in YEARS:
        raise HandoverRefused(f"{day} is no day on which a plant changes hands.")
    return start_of_day(day, UTC_ZONE if _stores(device) else device.area.timezone)


def check_sides(device: Device, to: Organisation) -> None:
    """Raises: HandoverRefused, for a device or a new owner that cannot be."""
    if device.kind == Device.Kind.EXTERNAL:
        raise HandoverRefused(
            f"{device.name} {device.get_kind_display().lower()}: only what this registry "
            "certifies is handed over here. Ask the registry."
        )
    if device.status not in HANDED_OVER:
        raise HandoverRefused(
            f"{device.name} is {device.status}; only what is approved or suspended is handed over."
        )
    if to.pk == device.organisation_id:
        raise HandoverRefused(f"{to.name} owns {device.name} already.")
    if not to.roles.filter(role=Role.PRODUCER).exists():
        raise HandoverRefused(f"{to.name} is no producer here. It has to register as one first.")


def check_day(device: Device, effective_at: datetime, now: datetime) -> None:
    """Raises: HandoverRefused, for an instant that is too far ahead or was given away already."""
    if effective_at > now + FARTHEST:
        raise HandoverRefused("The day lies more than a year ahead. Propose it nearer to the day.")
    since = owned_since(device)
    if since is not None and effective_at <= since:
        raise HandoverRefused(
            f"{device.name} changed hands on {since:%Y-%m-%d %H:%M} UTC. The day has to come "
            "after that."
        )
    if _stores(device):
        _check_boundary(device, effective_at, now)
    certified = certified_since(device, effective_at)
    if certified:
        raise HandoverRefused(
            f"{certified} Wh of {device.name} from that day on are certified already, to "
            f"{device.organisation.name}. Choose a later day, and transfer these certificates "
            "where they are to be the other side's."
        )


def check_still(handover: Handover, now: datetime) -> None:
    """What was true when it was proposed, and of storage that it is settled until the day.

    Raises: HandoverRefused.
    """
    check_sides(handover.device, handover.buyer)
    check_day(handover.device, handover.effective_at, now)
    if not _stores(handover.device):
        return
    settled, _ = next_interval(handover.device.storage_terms)
    if settled < handover.effective_at:
        raise HandoverRefused(
            f"The losses of {handover.device.name} are settled until {settled:%Y-%m-%d}. "
            f"{handover.seller.name} settles them until {handover.effective_at:%Y-%m-%d} first: "
            "what is left in it then goes with it, and has to be seen."
        )


def _check_boundary(device: Device, effective_at: datetime, now: datetime) -> None:
    days = days_ahead(device, now + FARTHEST)
    if effective_at in days:
        return
    if effective_at < next_interval(device.storage_terms)[0]:
        words = "What came out until then is settled and certified to its owner."
    else:
        words = "Storage changes hands where a loss interval begins."
    near = ", ".join(f"{day:%Y-%m-%d}" for day in days[:3])
    raise HandoverRefused(f"{words} Choose one of these days: {near}.")


def _stores(device: Device) -> bool:
    return device.kind == Device.Kind.STORAGE
