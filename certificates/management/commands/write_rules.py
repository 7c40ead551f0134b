"""Write docs/rules.md from the rules themselves."""

from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import CommandParser

from certificates.domain.rules.page import rules_page
from ledger.management.registry_command import RegistryCommand

PAGE = Path(settings.BASE_DIR) / "docs" / "rules.md"


class Command(RegistryCommand):
    help = "Write docs/rules.md from the rules and transitions in the code."

    def add_options(self, parser: CommandParser) -> None:
        parser.add_argument("--to", type=Path, default=PAGE, metavar="FILE")

    def perform(self, *, now: datetime, to: Path, **options: Any) -> dict[str, Any]:
        to.write_text(rules_page(), "utf-8")
        return {"file": str(to)}

    def sentence(self, result: dict[str, Any]) -> str:
        return f"{result['file']} written."
