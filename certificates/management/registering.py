"""Commands that register a device from a file."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import CommandParser

from certificates.errors import DeviceNotApproved, InvalidDevice
from certificates.management.registry_refusals import REFUSALS
from certificates.models import Device
from certificates.services import reference
from ledger.management.registry_command import RegistryCommand


class RegisteringCommand(RegistryCommand):
    """Reads one JSON object of facts; `register` makes a device of it."""

    refusals = REFUSALS

    def register(self, document: dict[str, Any], *, now: datetime, approve: bool) -> Device:
        """Raises: CertificatesError and its kinds."""
        raise NotImplementedError

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
        device = self.register(read_document(file), now=now, approve=approve)
        return {
            "gsrn": device.gsrn,
            "gsrn_origin": device.gsrn_origin,
            "name": device.name,
            "status": device.status,
        }

    def sentence(self, result: dict[str, Any]) -> str:
        return f"{result['name']} is {result['status']} under GSRN {result['gsrn']}."


def read_document(file: Path) -> dict[str, Any]:
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
