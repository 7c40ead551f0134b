"""`manage.py score_publisher EMAIL [--end]`."""

from datetime import datetime
from typing import Any

from django.core.management.base import CommandParser

from certificates.models import User
from charging.errors import ChargingError, UnknownDriver
from charging.services.score_publishers import let_publish, let_publish_no_more
from ledger.management.registry_command import RegistryCommand


class Command(RegistryCommand):
    help = "Let a person show the public score of the companies they act for, or no longer."
    refusals = (ChargingError,)

    def add_options(self, parser: CommandParser) -> None:
        parser.add_argument("email", help="the person's log-in")
        parser.add_argument("--end", action="store_true", help="they may no longer")

    def perform(self, *, now: datetime, email: str, end: bool, **_: Any) -> dict[str, Any]:
        person = User.objects.filter(email__iexact=email).first()
        if person is None:
            raise UnknownDriver(f"Nobody logs in as {email!r}. Compare the whole address.")
        act = let_publish_no_more if end else let_publish
        changed = act(person=person, now=now, actor="command")
        return {"email": person.email, "may_publish": not end, "changed": changed}

    def sentence(self, result: dict[str, Any]) -> str:
        may = "may" if result["may_publish"] else "may not"
        before = "" if result["changed"] else ", as before"
        return f"{result['email']} {may} show a company's score{before}."
