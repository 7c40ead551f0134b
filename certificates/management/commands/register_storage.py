"""Register storage from a file."""

from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import CommandParser

from certificates.domain.storage.facts import OPTIONAL, REQUIRED, read_storage_facts
from certificates.errors import DeviceNotApproved
from certificates.management.commands.register_device import document
from certificates.management.registry_refusals import REFUSALS
from certificates.services import reference
from certificates.services.storage_devices import register_storage
from ledger.management.registry_command import RegistryCommand


class Command(RegistryCommand):
    help = (
        f"Register storage from a JSON object with the keys {', '.join(REQUIRED)}; optional: "
        f"{', '.join(OPTIONAL)}. Method and loss interval are fixed from then on."
    )
    refusals = REFUSALS

    def add_options(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE.json", help="facts of the storage")
        parser.add_argument(
            "--approve", action="store_true", help="approve it at once (demo registry only)"
        )

    def perform(self, *, now: datetime, file: Path, approve: bool, **_: Any) -> dict[str, Any]:
        if approve and not settings.IS_DEMO:
            raise DeviceNotApproved(
                "In production an auditor approves devices in the admin. Leave --approve out."
            )
        reference.load()
        facts = read_storage_facts(document(file))
        device = register_storage(facts=facts, now=now, approve=approve, actor="command")
        return {"gsrn": device.gsrn, "name": device.name, "status": device.status}

    def sentence(self, result: dict[str, Any]) -> str:
        return f"{result['name']} is {result['status']} under GSRN {result['gsrn']}."
