"""Processes of the registry on the test's database and data, some to be killed at their word."""

import os
import subprocess
import sys

from django.conf import settings

from tests.fixtures.database import database_url

PATIENCE_S = 180  # a busy machine is no failure


def start(module: str, *words: object, **environment: str) -> subprocess.Popen[str]:
    """`python -m module words`, with what it prints to be read."""
    return subprocess.Popen(
        [sys.executable, "-m", module, *map(str, words)],
        cwd=settings.BASE_DIR,
        env=os.environ
        | {
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "DATABASE_URL": database_url(),
        }
        | environment,
        stdout=subprocess.PIPE,
        text=True,
    )


def wait_until_it_says(process: subprocess.Popen[str], word: str) -> None:
    """Wait for its next line, which is that word."""
    assert process.stdout is not None
    assert process.stdout.readline() == f"{word}\n"


def end_of(process: subprocess.Popen[str]) -> int:
    """Its exit code, once it is over."""
    process.communicate(timeout=PATIENCE_S)
    return process.returncode


def kill(process: subprocess.Popen[str]) -> None:
    """kill -9, and wait until it is gone."""
    process.kill()
    process.communicate(timeout=PATIENCE_S)


def kill_once_it_says(process: subprocess.Popen[str], word: str) -> None:
    wait_until_it_says(process, word)
    kill(process)
