"""`manage.py invite_driver EMAIL`."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.management.base import CommandParser
from django.urls import reverse

from charging.errors import ChargingError
from charging.services.driver_accounts import invitation
from ledger.management.registry_command import RegistryCommand


class Command(RegistryCommand):
    help = "The link with which a driver opens an account, where the registry sends no mail."
    refusals = (ChargingError,)

    def add_options(self, parser: CommandParser) -> None:
        parser.add_argument("email", help="what the driver will log in with")

    def perform(self, *, now: datetime, email: str, **_: Any) -> dict[str, Any]:
        invited = invitation(email=email, now=now)
        return {"link": settings.PUBLIC_URL + reverse("driver-join", args=[invited])}

    def sentence(self, result: dict[str, Any]) -> str:
        return f"Give this link to the driver alone; it works for 24 hours: {result['link']}"
