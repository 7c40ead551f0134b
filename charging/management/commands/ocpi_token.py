"""`manage.py ocpi_token --organisation SLUG [--party NL*ABC]`."""

import re
from argparse import ArgumentTypeError
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.management.base import CommandParser

from charging.domain.party import PartyName
from charging.errors import ChargingError
from charging.queries.organisations import organisation_of
from charging.services.ocpi.connections import invite
from ledger.management.registry_command import RegistryCommand

PARTY = re.compile(r"[A-Za-z]{2}[*-]?[A-Za-z0-9]{3}")


class Command(RegistryCommand):
    help = "Invite a charging company's system: prints token A, which is shown once."
    refusals = (ChargingError,)

    def add_options(self, parser: CommandParser) -> None:
        parser.add_argument("--organisation", required=True, help="slug of the charging company")
        parser.add_argument(
            "--party",
            action="append",
            default=[],
            type=party_name,
            help="its name in roaming, such as NL*ABC; repeat for several",
        )
        parser.add_argument("--label", default="", help="what its system is called")

    def perform(self, *, now: datetime, **options: Any) -> dict[str, Any]:
        company = organisation_of(options["organisation"])
        connection, token = invite(
            organisation=company,
            label=options["label"] or company.name,
            parties=options["party"],
            actor="command ocpi_token",
            now=now,
        )
        return {
            "connection": connection.pk,
            "token": token,
            "versions": f"{settings.PUBLIC_URL}/ocpi/versions",
        }

    def sentence(self, result: dict[str, Any]) -> str:
        return (
            f"{result['token']}\nKeep it now: it is not shown again, and dead after the handshake. "
            f"The other side starts at {result['versions']}."
        )


def party_name(text: str) -> PartyName:
    """An argument such as NL*ABC, NL-ABC or NLABC."""
    if not PARTY.fullmatch(text):
        raise ArgumentTypeError(f"{text!r} is no party; write NL*ABC")
    return PartyName.of(text[:2], text[-3:])
