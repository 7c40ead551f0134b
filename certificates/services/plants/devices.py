"""Registering plants and moving them through their states."""

from dataclasses import asdict
from datetime import datetime

from django.db import transaction
from django.db.models import Q

from certificates.domain import gsrn
from certificates.domain.device_facts import DeviceFacts
from certificates.domain.device_states import check_go
from certificates.errors import DeviceUnknown, InvalidDevice, InvalidGsrn
from certificates.models import Area, Device, Organisation, Role
from certificates.queries.policies import policy_at
from ledger.services import audit

Status = Device.Status


@transaction.atomic
def register_device(
    *, facts: DeviceFacts, now: datetime, approve: bool = False, actor: object = "registry"
) -> Device:
    """A device of one organisation, submitted for approval, or approved at once.

    The same number with the same facts answers with the device registered first.
    Raises: InvalidDevice, InvalidGsrn, TransitionRefused.
    """
    owner = _owner(facts)
    area = area_in_force(facts.area, now)
    known = Device.objects.select_for_update().filter(gsrn=facts.gsrn or None).first()
    if known is None:
        check_terms(facts, now)
        device = _create(facts, owner, area, now)
        audit.record(actor=actor, action="device.registered", subject=device, now=now)
    else:
        _check_same(known, facts, owner, area)
        device = known
    if approve and device.status == Status.SUBMITTED:
        change_status(device=device, status=Status.APPROVED, now=now, actor=actor)
    return device


@transaction.atomic
def change_status(
    *, device: Device, status: str, now: datetime, actor: object, reason: str = ""
) -> Device:
    """Move a device to another state. Raises: TransitionRefused."""
    locked = Device.objects.select_for_update().get(pk=device.pk)
    check_go(locked.status, status)
    old, locked.status = locked.status, status
    locked.save(update_fields=["status"])
    device.status = status
    audit.record(
        actor=actor,
        action=f"device.{status}",
        subject=device,
        now=now,
        detail={"was": old, "reason": reason},
    )
    return device


def approve(*, device: Device, now: datetime, actor: object) -> Device:
    """From now on the device's readings become certificates. Raises: TransitionRefused."""
    return change_status(device=device, status=Status.APPROVED, now=now, actor=actor)


def suspend(*, device: Device, now: datetime, actor: object, reason: str) -> Device:
    """Readings wait until the device is approved again. Raises: TransitionRefused."""
    return change_status(
        device=device, status=Status.SUSPENDED, now=now, actor=actor, reason=reason
    )


def find_device(number: str) -> Device:
    """The device with this GSRN. Raises: InvalidGsrn, DeviceUnknown."""
    checked = gsrn.check(number)
    device = Device.objects.filter(gsrn=checked).select_related("organisation", "area").first()
    if device is None:
        raise DeviceUnknown(f"No device has the GSRN {checked}. Register it first.")
    return device


def check_terms(facts: DeviceFacts, now: datetime) -> None:
    """What the registry's terms ask of a plant that is handed in now. Raises: InvalidDevice."""
    policy = policy_at(now)
    if policy is None or not policy.whole_certificates_only:
        return
    if facts.kind == Device.Kind.PRODUCTION and not facts.whole_certificates:
        raise InvalidDevice(
            "This registry certifies new plants in whole MWh alone. Choose whole MWh "
            "(whole_certificates).",
            field="whole_certificates",
        )


def area_in_force(code: str, now: datetime) -> Area:
    """The one area with this code at an instant. Raises: InvalidDevice."""
    in_force = Q(valid_to__isnull=True) | Q(valid_to__gt=now)
    areas = list(Area.objects.filter(in_force, code=code, valid_from__lte=now)[:2])
    if len(areas) != 1:
        what = "several schemes have" if areas else "no area in force has"
        raise InvalidDevice(f"{what.capitalize()} the code {code!r}.", field="area")
    return areas[0]


def _owner(facts: DeviceFacts) -> Organisation:
    owner = Organisation.objects.filter(slug=facts.organisation).first()
    if owner is None:
        raise InvalidDevice(
            f"No organisation has the short name {facts.organisation!r}.", field="organisation"
        )
    if not owner.roles.filter(role=Role.PRODUCER).exists():
        raise InvalidDevice(f"{owner.name} is no producer.", field="organisation")
    return owner


def _create(facts: DeviceFacts, owner: Organisation, area: Area, now: datetime) -> Device:
    if facts.gsrn and gsrn.origin(facts.gsrn) == Device.GsrnOrigin.REGISTRY:
        raise InvalidGsrn(
            f"GSRN {facts.gsrn} lies in the range this registry issues itself. Leave it empty "
            "to get the next one.",
            field="gsrn",
        )
    number = facts.gsrn or _next_number()
    values = asdict(facts) | {"gsrn": number, "organisation": owner, "area": area}
    return Device.objects.create(
        **values, gsrn_origin=gsrn.origin(number), status=Status.SUBMITTED, registered_at=now
    )


def _next_number() -> str:
    # Counting up under one prefix keeps the numbers sorted, so the last is the largest; the
    # lock on the area table's first row lets one registration at a time look and take.
    Area.objects.select_for_update().order_by("pk").first()
    prefix = gsrn.REGISTRY_PREFIX
    last = Device.objects.filter(gsrn__startswith=prefix).order_by("-gsrn").first()
    return gsrn.make(prefix, gsrn.running_number(last.gsrn, prefix) + 1 if last else 1)


def _check_same(device: Device, facts: DeviceFacts, owner: Organisation, area: Area) -> None:
    stated = asdict(facts) | {"organisation": owner, "area": area}
    for name, value in stated.items():
        if getattr(device, name) != value:
            raise InvalidDevice(
                f"GSRN {device.gsrn} is already registered with another {name} "
                f"({getattr(device, name)}).",
                field=name,
            )
