"""`manage.py compile_catalogues`."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from config.catalogues import UnreadableCatalogue, compile_catalogue


class Command(BaseCommand):
    help = "Write the binary catalogue beside each translated one (no gettext needed)."
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        for folder in settings.LOCALE_PATHS:
            for path in sorted(Path(folder).glob("*/LC_MESSAGES/django.po")):
                try:
                    written = compile_catalogue(path.read_text("utf-8"))
                except UnreadableCatalogue as error:
                    raise CommandError(f"{path}: {error}") from error
                path.with_suffix(".mo").write_bytes(written)
                self.stdout.write(f"{path.with_suffix('.mo')}: {len(written)} bytes")
