"""The public keys of meters that this registry vouches for."""

from functools import lru_cache
from pathlib import Path

from django.conf import settings

from charging.domain.meters.key_registry import MOST_BYTES, KeyRegistry, read_key_file
from charging.errors import UnreadableKey


def meter_keys() -> KeyRegistry:
    """The registry's file of keys, read again when it changed; empty where there is none.

    Raises: UnreadableKey, UnsupportedKey.
    """
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
