"""Execute a registry's chain somewhere else, and co-sign what follows."""

import argparse
import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError, CommandParser
from eth_keys.datatypes import PrivateKey

from ledger.chain.opening import STORE_NAME
from ledger.chain.witness.key import unlock
from ledger.chain.witness.serving import serving
from ledger.chain.witness.source import HttpSource
from ledger.chain.witness.witness import Round, Witness
from ledger.errors import ChainDeviates, SourceUnavailable
from ledger.management.commands.register_witness import address
from ledger.management.registry_command import BAD_INPUT, Progress, RegistryCommand, progress_bar

DEVIATES, UNAVAILABLE = 1, 3  # exit codes, beside 2 for bad input
LONGEST_PAUSE = 300.0  # seconds between tries while the registry does not answer


class Command(RegistryCommand):
    help = (
        "Fetch a registry's blocks, execute every one again from the genesis in a store of "
        "one's own, and co-sign the head. Exit code 1 and a sentence at the first block that "
        "does not follow, and when two sealed blocks of one height are found."
    )

    needs_database = False

    def add_options(self, parser: CommandParser) -> None:
        parser.add_argument("--from", dest="url", required=True, metavar="URL")
        parser.add_argument("--key", type=Path, required=True, metavar="FILE.json")
        parser.add_argument(
            "--create-key", action="store_true", help="draw the key when the file is absent"
        )
        parser.add_argument("--state", type=Path, metavar="DIR", help="where to keep the blocks")
        parser.add_argument(
            "--sealer",
            type=address,
            action="append",
            default=[],
            metavar="0xADDRESS",
            help="whose seals count; without it, whoever sealed block 1",
        )
        parser.add_argument(
            "--peer",
            action="append",
            default=[],
            metavar="URL",
            help="another witness, or a mirror, whose head must agree; may be given again",
        )
        parser.add_argument(
            "--serve",
            type=host_and_port,
            metavar="HOST:PORT",
            help="show this witness' head to its peers",
        )
        parser.add_argument(
            "--stock", action="store_true", help="execute on py-evm's own machine, more slowly"
        )
        parser.add_argument("--once", action="store_true", help="catch up, sign, and end")
        parser.add_argument(
            "--every", type=float, default=5.0, metavar="SECONDS", help="pause between looks"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            super().handle(*args, **options)
        except CommandError as error:
            for kind, code in ((ChainDeviates, DEVIATES), (SourceUnavailable, UNAVAILABLE)):
                if isinstance(error.__cause__, kind):
                    raise CommandError(str(error), returncode=code) from error.__cause__
            raise

    def perform(self, *, now: datetime, **options: Any) -> dict[str, Any]:
        key = unlock(
            options["key"],
            passphrase=os.environ.get("WITNESS_PASSPHRASE", ""),
            create=options["create_key"],
        )
        self.signer: str = f"0x{PrivateKey(key).public_key.to_canonical_address().hex()}"
        directory = options["state"] or Path(settings.DATA_DIR) / "witness"
        with (
            closing(_witness(key, directory, options)) as witness,
            _shown_to_peers(witness, directory, options["serve"]),
            progress_bar("executing", "block") as show,
        ):
            if options["once"]:
                return self._told(witness.run(progress=show))
            return self._keep_up(witness, show, options["every"])

    def sentence(self, result: dict[str, Any]) -> str:
        if "head" not in result:
            return f"Witness {self.signer} stopped."
        done = (
            f"{result['executed']:,} blocks executed; block {result['block']:,} "
            f"({result['head']}) follows from the genesis"
        )
        lines = [f"{done} and is co-signed by {self.signer}."]
        if result["refusal"]:
            lines = [
                f"{done}. The registry did not take the signature of {self.signer}: "
                f"{result['refusal']}"
            ]
        if result["peers_agreed"]:
            lines.append(f"Peers that show the same chain: {result['peers_agreed']}.")
        return "\n".join([*lines, *(f"Not compared: {each}" for each in result["peers_unheard"])])

    def _told(self, done: Round) -> dict[str, Any]:
        return {
            "witness": self.signer,
            "executed": done.executed,
            "block": done.number,
            "head": f"0x{done.hash.hex()}",
            "state_root": f"0x{done.state_root.hex()}",
            "refusal": done.refusal,
            "peers_agreed": done.agreed,
            "peers_unheard": list(done.unheard),
        }

    def _keep_up(self, witness: Witness, show: Progress, every: float) -> dict[str, Any]:
        stop = _Stop()
        result: dict[str, Any] = {"witness": self.signer}
        pause, said = every, ""
        while not stop.asked:
            try:
                result = self._told(witness.run(progress=stop.between(show)))
                pause, told = every, self.sentence(result)
                if result["executed"] or result["refusal"] or result["peers_unheard"]:
                    said = self._say(told, said)
            except SourceUnavailable as error:
                pause = min(2 * pause, LONGEST_PAUSE)
                said = self._say(f"{error} Trying again.", said)
            except _StoppedError:
                break
            stop.wait(pause)
        return result

    def _say(self, line: str, said: str) -> str:
        """A line, unless it was the last one."""
        if line != said:
            self.stdout.write(line)
            self.stdout.flush()
        return line


def host_and_port(text: str) -> tuple[str, int]:
    """An address to serve at. Raises: ArgumentTypeError."""
    host, _, port = text.rpartition(":")
    if not host or not port.isdigit() or int(port) >= 1 << 16:
        raise argparse.ArgumentTypeError(f"{text!r} is no HOST:PORT such as 0.0.0.0:8545")
    return host, int(port)


def _witness(key: bytes, directory: Path, options: dict[str, Any]) -> Witness:
    return Witness(
        source=HttpSource(options["url"]),
        private_key=key,
        directory=directory,
        sealers=options["sealer"],
        peers=[HttpSource(each) for each in options["peer"]],
        stock=options["stock"],
    )


@contextmanager
def _shown_to_peers(
    witness: Witness, directory: Path, address: tuple[str, int] | None
) -> Iterator[None]:
    """Raises: CommandError when the address is taken."""
    with ExitStack() as stack:
        if address is not None:
            shown = serving(directory / STORE_NAME, chain_id=witness.chain_id, address=address)
            try:
                stack.enter_context(shown)
            except OSError as error:
                said = f"{address[0]}:{address[1]} cannot be served: {error}."
                raise CommandError(said, returncode=BAD_INPUT) from error
        yield


class _StoppedError(Exception):
    """A signal came between two blocks."""


class _Stop:
    """Ctrl-C and SIGTERM, heeded between two blocks."""

    def __init__(self) -> None:
        self.asked = False
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._ask)

    def _ask(self, *_: Any) -> None:
        self.asked = True

    def between(self, show: Progress) -> Callable[[int, int], None]:
        def progress(done: int, total: int) -> None:
            show(done, total)
            if self.asked:
                raise _StoppedError

        return progress

    def wait(self, seconds: float) -> None:
        end = time.monotonic() + seconds
        while not self.asked and time.monotonic() < end:
            time.sleep(min(0.2, seconds))
