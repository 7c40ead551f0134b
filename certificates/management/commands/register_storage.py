"""Register storage from a file."""

from datetime import datetime
from typing import Any

from certificates.domain.storage.facts import OPTIONAL, REQUIRED, read_storage_facts
from certificates.management.registering import RegisteringCommand
from certificates.models import Device
from certificates.services.storage.devices import register_storage


class Command(RegisteringCommand):
    help = (
        f"Register storage from a JSON object with the keys {', '.join(REQUIRED)}; optional: "
        f"{', '.join(OPTIONAL)}. Method and loss interval are fixed from then on."
    )

    def register(self, document: dict[str, Any], *, now: datetime, approve: bool) -> Device:
        facts = read_storage_facts(document)
        return register_storage(facts=facts, now=now, approve=approve, actor="command")
