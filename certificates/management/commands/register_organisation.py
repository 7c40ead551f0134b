"""Register an organisation."""

from datetime import datetime
from typing import Any

from django.core.management.base import CommandParser

from certificates.management.registry_refusals import REFUSALS
from certificates.models import Role
from certificates.services.organisations import register_organisation
from ledger.management.registry_command import RegistryCommand


class Command(RegistryCommand):
    help = "Register an organisation with an account in the book; again adds roles."
    refusals = REFUSALS

    def add_options(self, parser: CommandParser) -> None:
        parser.add_argument("--name", required=True, help="full name")
        parser.add_argument("--slug", required=True, help="short name for commands and links")
        parser.add_argument(
            "--role",
            required=True,
            action="append",
            choices=Role.values,
            help="what it comes to do; may be given several times",
        )

    def perform(
        self, *, now: datetime, name: str, slug: str, role: list[str], **_: Any
    ) -> dict[str, Any]:
        organisation = register_organisation(
            name=name, slug=slug, roles=role, now=now, actor="command"
        )
        return {
            "slug": organisation.slug,
            "name": organisation.name,
            "roles": sorted(organisation.roles.values_list("role", flat=True)),
            "account": str(organisation.account.uuid),
        }

    def sentence(self, result: dict[str, Any]) -> str:
        return f"{result['name']} ({result['slug']}) is registered: {', '.join(result['roles'])}."
