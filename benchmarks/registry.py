"""An empty registry in a directory of its own, removed afterwards."""

import gc
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def empty_registry() -> Iterator[None]:
    """Set up Django over a new DATA_DIR, with the reference tables. Once in a process.

    Runs on the database that DATABASE_URL names, on SQLite without it.
    """
    folder = tempfile.mkdtemp(prefix="registry-benchmark-")
    os.environ["DATA_DIR"] = folder
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    try:
        import django

        django.setup()
        from django.core.management import call_command

        call_command("migrate", verbosity=0)
        from certificates.services import reference

        reference.load()
        gc.freeze()  # as the worker does
        yield
    finally:
        shutil.rmtree(folder, ignore_errors=True)
