"""A list that can be had as a file: its columns, and the rows that somebody may see."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.db.models import QuerySet

from ledger.domain.exporting import Row

AT_ONCE = 2_000  # rows fetched together
Whose = TypeVar("Whose")


@dataclass(frozen=True, slots=True)
class Listing(Generic[Whose]):
    """A list's columns, as (name, path), and the rows that somebody may see, in their order.

    `title` is what people call the list; `nested` names the paths of columns that hold lists or
    objects, which become JSON text.
    """

    title: str
    columns: tuple[tuple[str, str], ...]
    found: Callable[[Whose], "QuerySet[Any, Any]"]
    nested: frozenset[str] = frozenset()

    @property
    def names(self) -> list[str]:
        """The columns' names, in their order."""
        return [name for name, _ in self.columns]

    def read(self, rows: "QuerySet[Any, Any]") -> Iterator[Row]:
        """What `found` gave, fetched some at a time, so that any number fits."""
        paths = [path for _, path in self.columns]
        found = rows.values_list(*paths).iterator(chunk_size=AT_ONCE)
        return self._flat(paths, found) if self.nested else found

    def _flat(self, paths: list[str], rows: Iterator[Row]) -> Iterator[Row]:
        for row in rows:
            yield [
                json.dumps(value, ensure_ascii=False) if path in self.nested else value
                for path, value in zip(paths, row, strict=True)
            ]


def same(*names: str) -> tuple[tuple[str, str], ...]:
    """Columns that are called as their field is."""
    return tuple((name, name) for name in names)
