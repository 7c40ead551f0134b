"""What an owner may still change of a plant that is certified: its name, and its place a little.

Everything else is what certificates state, or what readings are judged by.
"""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

from django.db import transaction

from certificates.domain.fact_fields import degrees_of, text_of
from certificates.errors import ApplicationRefused, InvalidDevice
from certificates.models import Device
from certificates.queries.plants.applications import UPDATED
from ledger.services import audit

MUTABLE = ("name", "latitude", "longitude")
CERTIFIED = (Device.Status.APPROVED, Device.Status.SUSPENDED)
NEAR_DEGREES = Decimal("0.1")  # about 11 km: a better reading of the map, no other place
LONGEST_NAME = 200


@transaction.atomic
def update(
    *, device: Device, changes: Mapping[str, object], now: datetime, actor: object
) -> Device:
    """Set the name or the place (degrees) of an approved plant; what it was stays in the log.

    A place may be given where none is, or set right by a tenth of a degree: whether it is night
    at a plant is judged by it. What changes nothing leaves no trace.
    Raises: ApplicationRefused, InvalidDevice.
    """
    fixed = sorted(set(changes) - set(MUTABLE))
    if fixed:
        raise ApplicationRefused(
            f"{fixed[0]} of an approved plant does not change: certificates rest on it. Its owner "
            f"changes {', '.join(MUTABLE)}; ask the registry for anything else."
        )
    locked = Device.objects.select_for_update().get(pk=device.pk)
    if locked.status not in CERTIFIED:
        raise ApplicationRefused(f"{locked.name} is {locked.status}; nothing of it changes so.")
    meant = {
        name: value for name, value in _read(changes).items() if getattr(locked, name) != value
    }
    if not meant:
        return locked
    _check_place(locked, meant)
    before = {name: str(getattr(locked, name)) for name in meant}
    for name, value in meant.items():
        setattr(locked, name, value)
    locked.save(update_fields=list(meant))
    changed = {name: [before[name], str(value)] for name, value in meant.items()}
    words = "; ".join(f"{name} was {was}, is {now_is}" for name, (was, now_is) in changed.items())
    detail = {"changed": changed, "reason": words}
    audit.record(actor=actor, action=UPDATED, subject=locked, now=now, detail=detail)
    return locked


def _read(changes: Mapping[str, object]) -> dict[str, object]:
    found: dict[str, object] = {}
    if "name" in changes:
        name = text_of(changes, "name").strip()
        if not name or len(name) > LONGEST_NAME:
            raise InvalidDevice(f"A name has 1 to {LONGEST_NAME} characters.", field="name")
        found["name"] = name
    for name, most in (("latitude", 90), ("longitude", 180)):
        if name in changes:
            value = degrees_of(changes, name, most)
            if value is None:
                raise InvalidDevice(f"{name} is missing.", field=name)
            found[name] = value
    return found


def _check_place(device: Device, meant: Mapping[str, object]) -> None:
    for name in ("latitude", "longitude"):
        was, value = getattr(device, name), meant.get(name)
        if was is not None and isinstance(value, Decimal) and abs(value - was) > NEAR_DEGREES:
            raise ApplicationRefused(
                f"{name} {value} is more than {NEAR_DEGREES} degrees from {was}: that is another "
                "place. Ask the registry."
            )
