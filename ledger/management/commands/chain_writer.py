"""The chain's writer as a process of its own: it settles whatever the outbox holds."""

import signal
import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import close_old_connections
from django.utils import timezone

from ledger.chain.port import Chain
from ledger.errors import ChainBusy, LedgerError
from ledger.services.settlement import sweep
from ledger.services.settlement.turn import writer_turn

LOCK_RETRY = 2.0  # seconds between tries while another writes or a network cannot be had


class Command(BaseCommand):
    help = "Seal what the outbox holds, block by block, until stopped (Ctrl-C or SIGTERM)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--every", type=float, default=0.5, metavar="SECONDS", help="pause between looks"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        self.stopped = False
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop)
        said = ""
        while not self.stopped:
            try:
                with writer_turn() as chain:
                    said = ""
                    self._write(chain, options["every"])
            except ChainBusy as busy:
                if str(busy) != said:
                    said = str(busy)
                    self.stderr.write(said)  # once: a node may be away for hours
                time.sleep(LOCK_RETRY)
            except LedgerError as error:  # a full disk, a wrong clock, a damaged store
                raise CommandError(str(error)) from error

    def _write(self, chain: Chain, pause_s: float) -> None:
        """Write what is due, look by look, until the command is stopped."""
        self.stdout.write(f"writing the chain from block {chain.head().number}")
        while not self.stopped:
            sweep(chain=chain, clock=timezone.now, stopped=lambda: self.stopped)
            close_old_connections()
            time.sleep(pause_s)

    def _stop(self, *_: Any) -> None:
        self.stopped = True
