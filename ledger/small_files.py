"""Small files that are written once and then stay: secrets and keystores."""

import os
from pathlib import Path
from tempfile import NamedTemporaryFile


def write_once(path: Path, text: str) -> bool:
    """Write a file that its owner alone reads, unless it is there; whether this call wrote it.

    It is whole or not there, and of processes and threads that come at once one writes it.
    """
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with NamedTemporaryFile("w", dir=path.parent, prefix=f".{path.name}.") as draft:
        draft.write(text)
        draft.flush()
        os.fsync(draft.fileno())
        try:
            os.link(draft.name, path)
        except FileExistsError:
            return False
    return True
