"""A plant's way to approval: handed in, looked at, sent back with a reason, handed in again."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime

from django.db import transaction

from certificates.domain.device_facts import OPTIONAL, REQUIRED, DeviceFacts, read_facts
from certificates.errors import ApplicationRefused, InvalidDevice
from certificates.models import Device, Organisation
from certificates.services.plants import devices
from certificates.services.plants import updates as device_updates
from ledger.services import audit

Status = Device.Status
LONGEST_REASON = 500
FROM_ELSEWHERE = ("gsrn", "organisation", "area")  # facts that are no column of a device


@transaction.atomic
def hand_in(*, facts: DeviceFacts, now: datetime, actor: object) -> Device:
    """A new plant, waiting for approval.

    The same facts from the same owner while the first still waits answer with the first: a
    second click registers nothing twice.
    Raises: InvalidDevice, InvalidGsrn.
    """
    # The lock lets one of two clicks at once look and register.
    owner = Organisation.objects.select_for_update().filter(slug=facts.organisation).first()
    if owner is not None and not facts.gsrn:
        stated = {k: v for k, v in asdict(facts).items() if k not in FROM_ELSEWHERE}
        waiting = owner.devices.filter(status=Status.SUBMITTED, area__code=facts.area, **stated)
        known = waiting.order_by("pk").first()
        if known is not None:
            return known
    return devices.register_device(facts=facts, now=now, actor=actor)


@transaction.atomic
def send_back(*, device: Device, reason: str, now: datetime, actor: object) -> Device:
    """Ask the owner for other facts. Raises: ApplicationRefused, TransitionRefused."""
    if not reason.strip():
        raise ApplicationRefused("Say what is to be changed; the owner reads it.")
    if len(reason) > LONGEST_REASON:
        raise ApplicationRefused(f"A reason has at most {LONGEST_REASON} characters.")
    return devices.change_status(
        device=device, status=Status.DRAFT, now=now, actor=actor, reason=reason.strip()
    )


@transaction.atomic
def approve(*, device: Device, now: datetime, actor: object) -> Device:
    """Accept a plant that was handed in. Raises: ApplicationRefused."""
    locked = Device.objects.select_for_update().get(pk=device.pk)
    if locked.status != Status.SUBMITTED:
        raise ApplicationRefused(f"{locked.name} is {locked.status}; only submitted plants wait.")
    return devices.approve(device=device, now=now, actor=actor)


@transaction.atomic
def hand_in_again(*, device: Device, facts: DeviceFacts, now: datetime, actor: object) -> Device:
    """Other facts for a plant that was sent back; its number and its owner stay.

    Handed in already with these facts: nothing changes.
    Raises: ApplicationRefused, InvalidDevice.
    """
    locked = Device.objects.select_for_update().select_related("organisation").get(pk=device.pk)
    if facts.organisation != locked.organisation.slug:
        raise ApplicationRefused(f"{locked.name} stays with {locked.organisation.name}.")
    changes = _changes(locked, facts, now)
    if locked.status == Status.SUBMITTED and not changes:
        return locked
    if locked.status != Status.DRAFT:
        raise ApplicationRefused(
            f"{locked.name} is {locked.status}. Its facts can be changed only after the registry "
            "sent it back."
        )
    if "whole_certificates" in changes and locked.lots.exists():
        raise ApplicationRefused(
            f"{locked.name} has certificates already: whether they are whole MWh stays as it was."
        )
    if not locked.lots.exists():
        devices.check_terms(facts, now)
    before = {name: str(getattr(locked, name)) for name in changes}
    for name, value in changes.items():
        setattr(locked, name, value)
    locked.save(update_fields=list(changes))
    detail = {"changed": {name: [before[name], str(value)] for name, value in changes.items()}}
    audit.record(actor=actor, action="device.changed", subject=locked, now=now, detail=detail)
    return devices.change_status(device=locked, status=Status.SUBMITTED, now=now, actor=actor)


@transaction.atomic
def change(
    *, device: Device, changes: Mapping[str, object], now: datetime, actor: object
) -> Device:
    """Hand in again with some facts changed, as a JSON object has them; the others stay. Of a
    plant that is certified the few that may still change do so at once.

    Raises: ApplicationRefused, InvalidDevice.
    """
    if not isinstance(changes, Mapping):
        raise InvalidDevice('Send the facts to change as one object, such as {"name": ...}.')
    fixed = sorted({"gsrn", "organisation"} & set(changes))
    if fixed:
        raise InvalidDevice(f"{fixed[0]} of a device never changes.", field=fixed[0])
    locked = Device.objects.select_for_update().get(pk=device.pk)
    if locked.status in device_updates.CERTIFIED:
        return device_updates.update(device=locked, changes=changes, now=now, actor=actor)
    facts = read_facts(_stated(locked) | dict(changes))
    return hand_in_again(device=locked, facts=facts, now=now, actor=actor)


def _stated(device: Device) -> dict[str, object]:
    """A device's facts as its owner would state them."""
    found: dict[str, object] = {
        name: getattr(device, name) for name in (*REQUIRED, *OPTIONAL) if name not in FROM_ELSEWHERE
    }
    return found | {"organisation": device.organisation.slug, "area": device.area.code}


def _changes(device: Device, facts: DeviceFacts, now: datetime) -> Mapping[str, object]:
    stated = {k: v for k, v in asdict(facts).items() if k not in FROM_ELSEWHERE}
    stated["area"] = devices.area_in_force(facts.area, now)
    return {name: value for name, value in stated.items() if getattr(device, name) != value}
