"""Add a registry that certificates may come from."""

from datetime import datetime
from typing import Any

from django.core.management.base import CommandParser

from certificates.management.registry_refusals import REFUSALS
from certificates.services.imports.registries import register_registry
from ledger.management.registry_command import RegistryCommand


class Command(RegistryCommand):
    help = (
        "Add another registry, whose certificates may then be brought in. All its serial numbers "
        "count as one series: add a registry that counts anew for each plant once for each series."
    )
    refusals = REFUSALS

    def add_options(self, parser: CommandParser) -> None:
        parser.add_argument("--code", required=True, help="short name: a-z, digits and hyphens")
        parser.add_argument("--name", required=True)
        parser.add_argument("--country", required=True, metavar="XX", help="two capital letters")

    def perform(
        self, *, now: datetime, code: str, name: str, country: str, **_: Any
    ) -> dict[str, Any]:
        made = register_registry(code=code, name=name, country=country, now=now, actor="command")
        return {"code": made.code, "name": made.name, "country": made.country}

    def sentence(self, result: dict[str, Any]) -> str:
        return f"{result['name']} ({result['country']}) is listed as {result['code']}."
