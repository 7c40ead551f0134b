"""One writer: a lock on a file beside the store, let go by the system when a process ends."""

import fcntl
import os
from pathlib import Path

from ledger.errors import ChainBusy


class WriterLock:
    """Holds the right to seal blocks in one directory."""

    def __init__(self, directory: Path) -> None:
        """Take the lock at once.

        Raises: ChainBusy when another process (or another chain of this one) holds it.
        """
        directory.mkdir(parents=True, exist_ok=True)
        self._path = directory / "writer.lock"
        self._file = self._path.open("a+")
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            self._file.seek(0)
            holder = self._file.read().strip() or "unknown"
            self._file.close()
            raise ChainBusy(
                f"Another process (pid {holder}) writes this chain. Stop it, or wait until it ends."
            ) from None
        self._file.truncate(0)
        self._file.write(str(os.getpid()))
        self._file.flush()

    def check(self) -> None:
        """Before each seal: the file we hold must still be the one under this name.

        Raises: ChainBusy when it was removed or replaced, so that a second writer may exist.
        """
        try:
            named = self._path.stat()
        except FileNotFoundError:
            named = None
        held = os.fstat(self._file.fileno())
        if named is None or (named.st_dev, named.st_ino) != (held.st_dev, held.st_ino):
            raise ChainBusy("The writer's lock file was removed or replaced. Restart the writer.")

    def release(self) -> None:
        """Let another writer come."""
        self._file.close()
