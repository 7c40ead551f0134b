"""`manage.py register_person EMAIL --organisation SLUG --role ROLE [--end]`."""

from datetime import datetime
from typing import Any

from django.core.management.base import CommandParser

from certificates.errors import InvalidOrganisation
from certificates.management.registry_refusals import REFUSALS
from certificates.models import Organisation, Role
from certificates.services.people import end_membership, register_person
from ledger.management.registry_command import RegistryCommand


class Command(RegistryCommand):
    help = "Let a person act for an organisation; a new one gets a first password, shown once."
    refusals = REFUSALS

    def add_options(self, parser: CommandParser) -> None:
        parser.add_argument("email", help="what the person logs in with")
        parser.add_argument("--organisation", required=True, metavar="SLUG")
        parser.add_argument("--role", required=True, choices=Role.values)
        parser.add_argument("--end", action="store_true", help="they do so no longer")

    def perform(
        self, *, now: datetime, email: str, organisation: str, role: str, end: bool, **_: Any
    ) -> dict[str, Any]:
        found = Organisation.objects.filter(slug=organisation).first()
        if found is None:
            raise InvalidOrganisation(f"No organisation is called {organisation!r}.")
        act: dict[str, Any] = {
            "email": email,
            "organisation": found,
            "role": role,
            "now": now,
            "actor": "command",
        }
        if end:
            return {"email": end_membership(**act).email, "acts": False, "password": ""}
        person, password = register_person(**act)
        return {"email": person.email, "acts": True, "password": password}

    def sentence(self, result: dict[str, Any]) -> str:
        if not result["acts"]:
            return f"{result['email']} acts for it no longer."
        if not result["password"]:
            return f"{result['email']} acts for it, with the password that they have."
        return (
            f"{result['email']} acts for it. The first password is {result['password']}; keep it "
            "now, it is not shown again. It is changed at /password/."
        )
