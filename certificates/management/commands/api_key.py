"""Make an API key for an organisation, or end one."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from certificates.domain.scopes import SCOPES
from certificates.errors import CertificatesError
from certificates.models import ApiKey, Organisation
from certificates.services.api_keys import create_api_key, revoke_api_key


class Command(BaseCommand):
    help = "Make an API key for an organisation, whose secret is shown once, or end one (--revoke)."

    def add_arguments(self, parser: CommandParser) -> None:
        what = parser.add_mutually_exclusive_group(required=True)
        what.add_argument("--organisation", metavar="SLUG")
        what.add_argument("--revoke", metavar="KEY_ID", help="end this key; twice is as once")
        parser.add_argument("--label", help="what the key is for")
        parser.add_argument("--scope", action="append", default=[], help=", ".join(SCOPES))
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["revoke"]:
            self._revoke(options["revoke"])
        elif options["label"]:
            self._make(options)
        else:
            raise CommandError("Say with --label what the key is for.", returncode=2)

    def _revoke(self, key_id: str) -> None:
        key = ApiKey.objects.filter(key_id=key_id).first()
        if key is None:
            raise CommandError(
                f"No API key has the id {key_id!r}: it stands between the first two underscores.",
                returncode=2,
            )
        revoke_api_key(key=key, actor="command api_key", now=timezone.now())
        self.stdout.write(f"{key.label} ({key.key_id}) opens nothing any more.")

    def _make(self, options: dict[str, Any]) -> None:
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
