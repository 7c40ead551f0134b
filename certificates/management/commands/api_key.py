"""Make an API key for an organisation."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from certificates.domain.scopes import SCOPES
from certificates.errors import CertificatesError
from certificates.models import Organisation
from certificates.services.api_keys import create_api_key


class Command(BaseCommand):
    help = "Make an API key for an organisation. Its secret is shown once."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--organisation", required=True, metavar="SLUG")
        parser.add_argument("--label", required=True, help="what the key is for")
        parser.add_argument("--scope", action="append", default=[], help=", ".join(SCOPES))
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        organisation = Organisation.objects.filter(slug=options["organisation"]).first()
        if organisation is None:
            raise CommandError(
                f"No organisation is called {options['organisation']}.", returncode=2
            )
        try:
            key, secret = create_api_key(
                organisation=organisation,
                label=options["label"],
                scopes=options["scope"],
                actor="command api_key",
                now=timezone.now(),
            )
        except CertificatesError as error:
            raise CommandError(str(error), returncode=2) from error
        if options["json"]:
            self.stdout.write(json.dumps({"key_id": key.key_id, "secret": secret}))
        else:
            self.stdout.write(f"{secret}\nKeep it now: it is not shown again.")
