"""Compare the book with the chain."""

from datetime import datetime
from typing import Any

from django.core.management.base import CommandError

from ledger.management.registry_command import RegistryCommand
from ledger.services.reconciliation import reconcile

DIFFERENT = 1  # exit code: the comparison was made, and something differs


class Command(RegistryCommand):
    help = "Compare every balance and counter of the chain's contract with the book."

    def perform(self, *, now: datetime, **options: Any) -> dict[str, Any]:
        found = reconcile()
        self.differs = bool(found.differences)
        return {
            "block": found.height,
            "balances": found.balances,
            "lots": found.lots,
            "on_the_way": found.on_the_way,
            "differences": [
                {
                    "what": d.what,
                    "expected": d.expected,
                    "actual": d.actual,
                    "cause": found.causes.get(d.what, ""),
                }
                for d in found.differences
            ],
        }

    def sentence(self, result: dict[str, Any]) -> str:
        compared = (
            f"Block {result['block']:,}: {result['balances']:,} balances and "
            f"{result['lots']:,} lots compared, {result['on_the_way']:,} acts on their way."
        )
        lines = [
            f"{d['what']}: the book says {d['expected']}, the chain {d['actual']}"
            + (f" ({d['cause']})" if d["cause"] else "")
            for d in result["differences"]
        ]
        return "\n".join([compared, *(lines or ["Book and chain agree."])])

    def handle(self, *args: Any, **options: Any) -> None:
        super().handle(*args, **options)
        if self.differs:
            raise CommandError("Book and chain differ.", returncode=DIFFERENT)
