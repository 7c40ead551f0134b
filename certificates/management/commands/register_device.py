"""Register a plant from a file."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import CommandParser

from certificates.domain.device_facts import OPTIONAL, REQUIRED, read_facts
from certificates.errors import DeviceNotApproved, InvalidDevice
from certificates.management.registry_refusals import REFUSALS
from certificates.services import reference
from certificates.services.devices import register_device
from ledger.management.registry_command import RegistryCommand


class Command(RegistryCommand):
    help = (
        f"Register a device from a JSON object with the keys {', '.join(REQUIRED)}; optional: "
        f"{', '.join(OPTIONAL)}. An empty gsrn gets a number from this registry, printed."
    )
    refusals = REFUSALS

    def add_options(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE.json", help="facts of the device")
        parser.add_argument(
            "--approve", action="store_true", help="approve it at once (demo registry only)"
        )

    def perform(self, *, now: datetime, file: Path, approve: bool, **_: Any) -> dict[str, Any]:
        if approve and not settings.IS_DEMO:
            raise DeviceNotApproved(
                "In production an auditor approves devices in the admin. Leave --approve out."
            )
        reference.load()
        facts = read_facts(document(file))
        device = register_device(facts=facts, now=now, approve=approve, actor="command")
        return {
            "gsrn": device.gsrn,
            "gsrn_origin": device.gsrn_origin,
            "name": device.name,
            "status": device.status,
        }

    def sentence(self, result: dict[str, Any]) -> str:
        return f"{result['name']} is {result['status']} under GSRN {result['gsrn']}."


def document(file: Path) -> dict[str, Any]:
    """The JSON object in a file. Raises: InvalidDevice."""
    try:
        document = json.loads(file.read_text("utf-8-sig"))
    except OSError as error:
        raise InvalidDevice(f"{file} cannot be read: {error.strerror}.") from error
    except ValueError as error:
        raise InvalidDevice(f"{file} is no JSON: {error}.") from error
    if not isinstance(document, dict):
        raise InvalidDevice(f"{file} holds no JSON object with the facts of one device.")
    return document
