"""The public keys of meters that this registry vouches for."""

from collections.abc import Iterable
from datetime import datetime
from functools import lru_cache
from pathlib import Path

from django.conf import settings
from django.db.models.functions import Upper

from certificates.models import Organisation
from charging.domain.meters import key_registry
from charging.domain.meters.curves import curve_named
from charging.domain.meters.key_registry import MOST_BYTES, Found, KeyRegistry, read_key_file
from charging.domain.meters.keys import read_public_key
from charging.errors import UnreadableKey
from charging.models import MeterKey


class RegisteredKeys(KeyRegistry):
    """Keys as they are registered, looked up by meter when asked; then those of the file.

    With an `operator`, registered keys count only where it owns the meter: a signed record of
    another company's meter proves nothing of its charges. What was looked up once is kept.
    """

    def __init__(self, operator: Organisation | None = None) -> None:
        super().__init__()
        self._operator = operator
        self._file = _file_keys()
        self._known: dict[frozenset[str], KeyRegistry] = {}

    def find(self, meters: Iterable[str], instants: Iterable[datetime]) -> Found:
        """As its base. A meter with registered keys is never looked up in the file."""
        names, times = list(meters), list(instants)
        wanted = frozenset(name.strip().upper() for name in names)
        if wanted not in self._known:
            self._known[wanted] = self._look_up(wanted)
        return self._known[wanted].find(names, times)

    def _look_up(self, names: frozenset[str]) -> KeyRegistry:
        rows = MeterKey.objects.alias(name=Upper("meter")).filter(name__in=names)
        if self._operator is not None:
            rows = rows.filter(owner=self._operator)
        known = [_key(row) for row in rows.select_related("owner").order_by("pk")]
        return KeyRegistry(known) if known else self._file


def meter_keys(operator: Organisation | None = None) -> KeyRegistry:
    """Every key this registry knows: registered ones, and its file's.

    Raises: UnreadableKey, UnsupportedKey for a file that cannot be read.
    """
    return RegisteredKeys(operator)


def _key(row: MeterKey) -> key_registry.MeterKey:
    return key_registry.MeterKey(
        meter=row.meter,
        key=read_public_key(row.public_key, curve_named(row.curve)),
        owner=row.owner.name,
        valid_from=row.valid_from,
        valid_until=row.valid_until,
        revoked_at=row.revoked_at,
        revoked_for=row.revoked_for,
    )


def _file_keys() -> KeyRegistry:
    """The registry's file of keys, read again when it changed; empty where there is none."""
    path = Path(settings.METER_KEYS_FILE)
    try:
        state = path.stat()
    except FileNotFoundError:
        return KeyRegistry()
    except OSError as error:
        raise UnreadableKey(f"The file of meter keys cannot be read: {error.strerror}.") from error
    return _read(path, state.st_mtime_ns, state.st_size)


@lru_cache(maxsize=1)
def _read(path: Path, _changed_ns: int, _size: int) -> KeyRegistry:
    try:
        with path.open("rb") as stream:
            return read_key_file(stream.read(MOST_BYTES + 1))
    except OSError as error:
        raise UnreadableKey(f"The file of meter keys cannot be read: {error.strerror}.") from error
