"""What was looked up a moment ago, for callers who have it confirmed before they rely on it."""

from collections.abc import Hashable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Generic, TypeVar

Value = TypeVar("Value")


@dataclass(slots=True)
class Memory(Generic[Value]):
    """Values by key, each for a while from when it was kept: `lasts` at most.

    `most` are kept; then all are forgotten, which costs a look-up each. Threads may share it.
    """

    lasts: timedelta
    most: int = 1_000
    _kept: dict[Hashable, tuple[datetime, Value]] = field(default_factory=dict)

    def recall(self, key: Hashable, now: datetime) -> Value | None:
        """The value, or None where there is none of late."""
        kept = self._kept.get(key)
        if kept is None or not timedelta(0) <= now - kept[0] < self.lasts:
            return None
        return kept[1]

    def keep(self, key: Hashable, value: Value, now: datetime) -> None:
        """Remember a value that was looked up now."""
        if len(self._kept) >= self.most:
            self.forget()
        self._kept[key] = now, value

    def drop(self, key: Hashable) -> None:
        """Forget one value, if it is there."""
        self._kept.pop(key, None)

    def forget(self) -> None:
        """Forget all."""
        self._kept.clear()
