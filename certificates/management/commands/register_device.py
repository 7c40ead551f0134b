"""Register a plant from a file."""

from datetime import datetime
from typing import Any

from certificates.domain.device_facts import OPTIONAL, REQUIRED, read_facts
from certificates.management.registering import RegisteringCommand
from certificates.models import Device
from certificates.services.plants.devices import register_device


class Command(RegisteringCommand):
    help = (
        f"Register a device from a JSON object with the keys {', '.join(REQUIRED)}; optional: "
        f"{', '.join(OPTIONAL)}. An empty gsrn gets a number from this registry, printed."
    )

    def register(self, document: dict[str, Any], *, now: datetime, approve: bool) -> Device:
        facts = read_facts(document)
        return register_device(facts=facts, now=now, approve=approve, actor="command")
