"""How far the writing of an import is, for those who wait for it.

The writing is one transaction, of which nobody sees anything before its end. So what is done of
it stands beside the uploads, where the worker and the web both look; a loss costs nothing.
"""

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from datetime import datetime
from pathlib import Path

from django.conf import settings

from certificates.services.meters.storing import is_old

METER, TOGETHER, BROUGHT = "meter", "together", "brought"
TAKEN = "taken"  # a worker is at a meter file
Progress = Callable[[int, int], None]


@contextmanager
def shown(kind: str, pk: int, also: Progress | None = None) -> Iterator[Progress]:
    """Takes (written, in all) of one import while a block runs, and forgets it after.

    `also` hears the same. Files imported together stand under the first one's id.
    """
    path = _path(kind, pk)

    def show(done: int, total: int) -> None:
        if also:
            also(done, total)
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_suffix(f".{os.getpid()}")
        draft.write_text(f"{done} {total}")
        draft.replace(path)

    try:
        yield show
    finally:
        path.unlink(missing_ok=True)


def part(whole: Progress, before: int, total: int) -> Progress:
    """Of one of several files: `before` of `total` were written when it began."""

    def show(done: int, _: int) -> None:
        whole(before + done, max(total, before + done))

    return show


def written(kind: str, pk: int) -> tuple[int, int] | None:
    """(written, in all) of an import that is writing; None where nothing is known."""
    with suppress(OSError, ValueError):
        done, total = _path(kind, pk).read_text().split()
        return int(done), int(total)
    return None


@contextmanager
def taken(pks: Iterable[int]) -> Iterator[None]:
    """Lets everyone see, while a block runs, that a worker is at these meter files."""
    with ExitStack() as signs:
        for pk in pks:
            signs.enter_context(shown(TAKEN, pk))(0, 0)
        yield


def is_taken(pk: int) -> bool:
    """Whether a worker is at a meter file."""
    return _path(TAKEN, pk).exists()


def drop_forgotten(*, now: datetime) -> None:
    """Remove what processes that were killed have left behind."""
    for path in _folder().glob("*"):
        if is_old(path, now):
            path.unlink(missing_ok=True)


def _path(kind: str, pk: int) -> Path:
    return _folder() / f"{kind}-{int(pk)}"


def _folder() -> Path:
    return Path(settings.MEDIA_ROOT) / "progress"
