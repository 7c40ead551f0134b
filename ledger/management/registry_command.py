"""What every command of the registry has in common: one call, a plain sentence or JSON."""

import argparse
import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, ClassVar

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection
from django.utils import timezone
from tqdm import tqdm

from ledger.errors import LedgerError

BAD_INPUT = 2  # the exit code argparse itself uses
Progress = Callable[[int, int], None]  # (done, total)


class RegistryCommand(BaseCommand):
    """Parses, makes one call of a service, prints what it returned.

    A subclass writes `add_options`, `perform` and `sentence`, and lists in `refusals` the
    typed errors that are answers to bad input: they end with exit code 2 and their message,
    with `--json` also as `{"error": {"code", "message"}}`. What works from files alone says
    that it does not need the database.
    """

    refusals: ClassVar[tuple[type[Exception], ...]] = (LedgerError,)
    needs_database: ClassVar[bool] = True

    def add_options(self, parser: CommandParser) -> None:
        """Declare the command's own arguments."""

    def perform(self, *args: Any, **options: Any) -> dict[str, Any]:
        """Do the work with the options and `now`, read once, here at the edge.

        Returns what `--json` prints. Subclasses name the options they take.
        """
        raise NotImplementedError

    def sentence(self, result: dict[str, Any]) -> str:
        """The result for people."""
        return ", ".join(f"{name} {value}" for name, value in result.items())

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="print the result as JSON")
        self.add_options(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        as_json = options.pop("json")
        if self.needs_database:
            _prepare_new_registry()
        try:
            result = self.perform(now=timezone.now(), **options)
        except self.refusals as error:
            if as_json:
                code = getattr(error, "code", "bad_input")
                self._print_json({"error": {"code": code, "message": str(error)}})
            raise CommandError(str(error), returncode=BAD_INPUT) from error
        if as_json:
            self._print_json(result)
        else:
            self.stdout.write(self.sentence(result))

    def _print_json(self, result: dict[str, Any]) -> None:
        self.stdout.write(json.dumps(result, ensure_ascii=False, default=str))


def _prepare_new_registry() -> None:
    """Make the tables of a registry that has none: a fresh DATA_DIR is a registry of its own."""
    if "django_migrations" not in connection.introspection.table_names():
        call_command("migrate", interactive=False, verbosity=0)


@contextmanager
def progress_bar(label: str, unit: str = "") -> Iterator[Progress]:
    """A bar on standard error while a person watches, nothing otherwise."""
    with tqdm(desc=label, unit=unit, file=sys.stderr, disable=None, unit_scale=True) as bar:

        def show(done: int, total: int) -> None:
            bar.total = total
            bar.update(done - bar.n)

        yield show


def utc_instant(text: str) -> datetime:
    """An argument such as 2018-01-31 or 2018-01-31T12:00Z; without an offset it is UTC."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(
            f"{text!r} is no date or time; write 2018-01-31 or 2018-01-31T12:00Z"
        ) from error
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
