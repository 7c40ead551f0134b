"""A cache of bounded size that keeps what is asked for again."""

from typing import Generic, TypeVar

V = TypeVar("V")


class Generations(Generic[V]):
    """Values by key in two generations of at most `room` each.

    What nobody asks for while the younger fills goes with the older. So nodes near a root,
    which every block reads and replaces, are always at hand, and those that a block replaced
    leave.
    """

    def __init__(self, room: int) -> None:
        self._room = room
        self._young: dict[bytes, V] = {}
        self._old: dict[bytes, V] = {}

    def get(self, key: bytes) -> V | None:
        value = self._young.get(key)
        if value is None:
            value = self._old.get(key)
            if value is not None:
                self[key] = value
        return value

    def __setitem__(self, key: bytes, value: V) -> None:
        if len(self._young) >= self._room:
            self._old, self._young = self._young, {}
        self._young[key] = value

    def __len__(self) -> int:
        """Values held, those in both generations twice."""
        return len(self._young) + len(self._old)

    def clear(self) -> None:
        self._young.clear()
        self._old.clear()
