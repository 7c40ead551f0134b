"""Write what a checker of receipts needs to know in advance."""

from django.core.management.base import BaseCommand, CommandError

from ledger.domain.proof.trust import dump
from ledger.errors import LedgerError
from ledger.management.registry_command import BAD_INPUT
from ledger.services.trust import registry_trust


class Command(BaseCommand):
    help = (
        "Write the trust file to standard output: chain, contracts with the hashes of their code, "
        "and the keys that may seal. Publish it where nobody takes it for a receipt's own word."
    )

    def handle(self, *args: object, **options: object) -> None:
        try:
            written = dump(registry_trust())
        except LedgerError as error:
            raise CommandError(str(error), returncode=BAD_INPUT) from error
        self.stdout.write(written.decode(), ending="")
