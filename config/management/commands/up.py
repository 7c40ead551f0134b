"""`manage.py up`: the whole registry from one command."""

import fcntl
import os
import socket
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any, TextIO

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.db import connections

from certificates.services import reference
from config.errors import AlreadyRunning, PortInUse, StartError
from config.supervisor.output import Printer
from config.supervisor.plan import registry_plans
from config.supervisor.tree import Tree

BAD_INPUT = 2


def require_free_port(host: str, port: int) -> None:
    """Raises: PortInUse when something listens there, or the port may not be used."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except (OSError, OverflowError) as error:
            raise PortInUse(
                f"Port {port} on {host} cannot be used ({error}). Stop what listens there, "
                f"or choose another: make run PORT={port + 1 if port < 65535 else 8000}"
            ) from error


def lock_data(directory: Path) -> TextIO:
    """Hold the data directory for this process tree; the lock ends with the process.

    Raises: AlreadyRunning when another tree holds it.
    """
    handle = (directory / "up.lock").open("a+")
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        handle.seek(0)
        owner = handle.read().strip() or "unknown"
        handle.close()
        raise AlreadyRunning(
            f"A registry already runs on {directory} (process {owner}). Stop it first, or set "
            "DATA_DIR to another directory for a second registry."
        ) from error
    handle.truncate(0)
    handle.write(str(os.getpid()))
    handle.flush()
    return handle


class Command(BaseCommand):
    """Prepare the database, then run queue, worker, chain writer and web until Ctrl-C."""

    help = (
        "Run the whole registry: migrate, static files, then queue, worker, chain writer and "
        "web as one process tree. In demo mode the demo is loaded once the pages answer."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--port", type=int, default=settings.PORT, help="default: %(default)s")
        parser.add_argument("--host", default="127.0.0.1", help="default: %(default)s")
        parser.add_argument("--no-demo", action="store_true", help="start without loading the demo")

    def handle(self, *, port: int, host: str, no_demo: bool, **options: Any) -> None:
        """Run until stopped; exit code 2 and a sentence when it cannot start."""
        try:
            require_free_port(host, port)
            with lock_data(Path(settings.DATA_DIR)):
                self._run(host=host, port=port, demo=settings.IS_DEMO and not no_demo)
        except StartError as error:
            self.stderr.write(str(error))
            sys.exit(BAD_INPUT)

    def _run(self, *, host: str, port: int, demo: bool) -> None:
        plans = registry_plans(host=host, port=port, demo=demo)
        printer = Printer(colour=sys.stdout.isatty() and not os.environ.get("NO_COLOR"))
        printer.say("Preparing the database and the static files.")
        call_command("migrate", interactive=False, verbosity=0)
        call_command("collectstatic", interactive=False, verbosity=0)
        reference.load()  # areas and factors, which every registry has
        connections.close_all()
        address = os.environ.get("PUBLIC_URL") or f"http://localhost:{port}"

        def tell_done(name: str, lines: list[str], exit_code: int) -> None:
            printer.say()
            if exit_code:
                printer.say(f"{name} failed with exit code {exit_code}; the registry goes on.")
            else:
                printer.say("\n".join(lines))
            printer.say(f"\nThe registry is at {address}  (Ctrl-C stops it)\n")

        Tree(
            plans,
            printer,
            on_ready=lambda: printer.say(f"\nThe registry is at {address}  (Ctrl-C stops it)\n"),
            on_done=tell_done,
            terminal=sys.stderr.isatty(),
        ).run()
        printer.say("Stopped.")
