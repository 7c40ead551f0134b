"""Registering storage with what is fixed for it beforehand."""

import secrets
from datetime import UTC, datetime, time

from django.db import transaction

from certificates.domain.storage.facts import StorageFacts
from certificates.errors import InvalidDevice, StorageRefused
from certificates.models import Device, StorageTerms
from certificates.services.plants.devices import change_status, register_device
from ledger.domain.commitment import KEY_BYTES

FIXED = ("capacity_wh", "method", "loss_months", "starts_at", "opening_wh")


@transaction.atomic
def register_storage(
    *, facts: StorageFacts, now: datetime, approve: bool = False, actor: object = "registry"
) -> Device:
    """Storage of one organisation, submitted for approval, or approved at once.

    The same number with the same facts answers with what was registered first, and hands it in
    again where the registry had sent it back.
    Raises: InvalidDevice, InvalidGsrn, TransitionRefused.
    """
    device = register_device(facts=facts.device, now=now, approve=approve, actor=actor)
    stated = {
        "capacity_wh": facts.capacity_wh,
        "method": facts.method,
        "loss_months": facts.loss_months,
        "starts_at": datetime.combine(facts.starts_on, time(), UTC),
        "opening_wh": facts.opening_wh,
    }
    terms, _ = StorageTerms.objects.get_or_create(
        device=device,
        defaults=stated | {"disclosure_key": secrets.token_bytes(KEY_BYTES), "fixed_at": now},
    )
    for name in FIXED:
        if getattr(terms, name) != stated[name]:
            raise InvalidDevice(
                f"GSRN {device.gsrn} is already registered with another {name} "
                f"({getattr(terms, name)}), which is fixed.",
                field=name,
            )
    if device.status == Device.Status.DRAFT:
        change_status(device=device, status=Device.Status.SUBMITTED, now=now, actor=actor)
    return device


def locked_storage(device: Device) -> tuple[Device, StorageTerms]:
    """An approved storage device, locked until the end of the transaction, and its terms.

    The lock lets one act on it look and write at a time. Raises: StorageRefused.
    """
    locked = (
        Device.objects.select_for_update(of=("self",))
        .select_related("organisation", "area", "storage_terms")
        .get(pk=device.pk)
    )
    if locked.kind != Device.Kind.STORAGE:
        raise StorageRefused(f"{locked.name} generates and stores nothing. Name a storage device.")
    if locked.status != Device.Status.APPROVED:
        raise StorageRefused(
            f"{locked.name} is {locked.status}. Its records count once the registry approved it."
        )
    return locked, locked.storage_terms
