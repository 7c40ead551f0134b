"""`manage.py closing_policy --grace-hours 48 [--area CODE] --from 2026-01-01`."""

from datetime import datetime
from typing import Any

from django.core.management.base import CommandParser

from charging.errors import ChargingError
from charging.queries.areas import Areas
from charging.services.matching.closing import set_grace
from ledger.management.registry_command import RegistryCommand, utc_instant


class Command(RegistryCommand):
    help = (
        "Set how long after its end an hour stays open for late readings and charges before "
        "its certificates are used up; for the whole registry, or for one area."
    )
    refusals = (ChargingError,)

    def add_options(self, parser: CommandParser) -> None:
        parser.add_argument("--grace-hours", type=int, required=True, help="0 closes at once")
        parser.add_argument("--area", default="", help="code of a bidding area; all without it")
        parser.add_argument(
            "--from", dest="valid_from", required=True, type=utc_instant, help="instant (UTC)"
        )
        parser.add_argument("--reason", default="", help="kept with the policy")

    def perform(self, *, now: datetime, **options: Any) -> dict[str, Any]:
        row = set_grace(
            area=Areas().named(options["area"], now) if options["area"] else None,
            grace_minutes=options["grace_hours"] * 60,
            valid_from=options["valid_from"],
            reason=options["reason"],
            actor="command closing_policy",
            now=now,
        )
        return {"policy": row.pk, "area": options["area"], "grace_minutes": row.grace_minutes}

    def sentence(self, result: dict[str, Any]) -> str:
        where = f"An hour of {result['area']}" if result["area"] else "Every hour"
        hours = result["grace_minutes"] // 60
        return f"{where} stays open for {hours} hours after its end (policy {result['policy']})."
