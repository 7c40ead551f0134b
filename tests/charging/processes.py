"""Processes of the registry on the test's database, to be killed at a moment they tell."""

import os
import subprocess
import sys

from django.conf import settings

from tests.fixtures.database import database_url


def start(module: str, *words: str) -> subprocess.Popen[str]:
    """`python -m module words` with what it prints to be read."""
    return subprocess.Popen(
        [sys.executable, "-m", module, *words],
        cwd=settings.BASE_DIR,
        env=os.environ
        | {"DJANGO_SETTINGS_MODULE": "config.settings", "DATABASE_URL": database_url()},
        stdout=subprocess.PIPE,
        text=True,
    )


def kill_once_it_says(process: subprocess.Popen[str], word: str) -> None:
    """Wait for a line, then kill -9."""
    assert process.stdout is not None
    assert process.stdout.readline() == f"{word}\n"
    process.kill()
    process.communicate(timeout=20)
