"""Which processes make up a running registry."""

import http.client
import sys
from functools import partial
from pathlib import Path

from django.conf import settings
from django.core.management import get_commands

from config import queue
from config.supervisor.child import Plan

BASE_DIR = Path(settings.BASE_DIR)
ANYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104


def registry_plans(*, host: str, port: int, demo: bool) -> list[Plan]:
    """The registry's processes in the order they start; they stop in the opposite one.

    Raises: QueueUnavailable when neither REDIS_URL nor the embedded server can serve.
    """
    known = get_commands()
    plans = [] if settings.REDIS_URL else [_queue_plan()]
    plans.append(_plan("worker", _worker_command(), port))
    if "chain_writer" in known:
        plans.append(_plan("chain", _manage("chain_writer"), port))
    plans.append(
        Plan(
            "web",
            _web_command(host, port),
            _environment(port),
            BASE_DIR,
            is_ready=partial(answers_http, ANYWHERE.get(host, host), port),
            grace_s=3.0,
        )
    )
    if demo and "demo" in known:
        plans.append(_plan("demo", _manage("demo"), port, once=True))
    return plans


def answers_http(host: str, port: int) -> bool:
    """Whether anything that speaks HTTP answers there, with whatever status."""
    connection = http.client.HTTPConnection(host, port, timeout=1.0)
    try:
        connection.request("HEAD", "/favicon.ico")  # asks the database for nothing
        connection.getresponse()
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
    return True


def _plan(name: str, command: tuple[str, ...], port: int, *, once: bool = False) -> Plan:
    return Plan(name, command, _environment(port), BASE_DIR, once=once)


def _environment(port: int) -> dict[str, str]:
    return {"PORT": str(port), "DATA_DIR": str(settings.DATA_DIR)}


def _manage(*words: str) -> tuple[str, ...]:
    return (sys.executable, str(BASE_DIR / "manage.py"), *words)


def _queue_plan() -> Plan:
    path = Path(settings.QUEUE_SOCKET)
    return Plan("queue", queue.command(path), is_ready=partial(queue.answers, path), grace_s=2.0)


def _worker_command() -> tuple[str, ...]:
    """One worker process with the scheduler inside: the other core belongs to the web."""
    schedule = Path(settings.DATA_DIR) / "schedule"
    options = f"--beat --schedule {{}} --concurrency {settings.WORKER_PROCESSES} --loglevel WARNING"
    words = [word.format(schedule) for word in options.split()]
    quiet = ("--without-gossip", "--without-mingle", "--without-heartbeat")
    return (sys.executable, "-m", "celery", "-A", "config", "--quiet", "worker", *words, *quiet)


def _web_command(host: str, port: int) -> tuple[str, ...]:
    """Interpreters with a few threads each, which keep their connections to the database."""
    options = (
        f"--interface wsgi --host {host} --port {port} --workers {settings.WEB_PROCESSES} "
        "--blocking-threads 4 "
        "--respawn-failed-workers --workers-kill-timeout 2 --log-level warning --no-ws"
    )
    return (sys.executable, "-m", "granian", *options.split(), "config.wsgi:application")
