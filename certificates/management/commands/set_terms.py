"""Set the registry's terms from an instant on."""

from datetime import datetime
from typing import Any

from django.core.management.base import CommandParser

from certificates.management.registry_refusals import REFUSALS
from certificates.queries.policies import TERMS
from certificates.services.registry_terms import set_terms
from ledger.management.registry_command import RegistryCommand, utc_instant

YES_OR_NO = {"yes": True, "no": False}
NONE = "none"


class Command(RegistryCommand):
    help = (
        "Change terms of the registry from an instant on, such as "
        'photovoltaic_day_percent=55; "none" takes a limit away.'
    )
    refusals = REFUSALS

    def add_options(self, parser: CommandParser) -> None:
        parser.add_argument("terms", nargs="+", type=_term, metavar="TERM=VALUE")
        parser.add_argument("--from", dest="valid_from", type=utc_instant, required=True)
        parser.add_argument("--reason", required=True, help="kept with the terms")

    def perform(
        self,
        *,
        now: datetime,
        terms: list[tuple[str, object]],
        valid_from: datetime,
        reason: str,
        **options: Any,
    ) -> dict[str, Any]:
        row = set_terms(
            changes=dict(terms), valid_from=valid_from, reason=reason, now=now, actor="command"
        )
        held = {name: getattr(row, name) for name in TERMS}
        return {"valid_from": row.valid_from.isoformat(), **held}

    def sentence(self, result: dict[str, Any]) -> str:
        held = (f"{name} {value}" for name, value in result.items() if name != "valid_from")
        return f"From {result['valid_from']} on: {', '.join(held)}."


def _term(text: str) -> tuple[str, object]:
    name, _, value = text.partition("=")
    if value in YES_OR_NO:
        return name, YES_OR_NO[value]
    return name, None if value == NONE else int(value)
