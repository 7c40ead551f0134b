"""What charges may wish for: served first, and from whom or of what kind, best first."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from charging.domain.matching.terms import Preference
from charging.errors import WishRefused

MOST = 5  # preferences, best first
DRIVER = "driver"  # who said so, where it was not the company
LONGEST = 100  # characters of a supplier or source


@dataclass(frozen=True, slots=True)
class Wished:
    """`first`: served before charges without a green tariff. `order`: best first; `strict`:
    rather nothing than anything else.
    """

    first: bool = False
    order: tuple[Preference, ...] = ()
    strict: bool = False

    def as_json(self) -> dict[str, Any]:
        """As a charge keeps it; nothing where no preference is."""
        if not self.order:
            return {}
        order = [{"supplier": each.supplier, "source": each.source} for each in self.order]
        return {"order": order, "strict": self.strict}


def check(wished: Wished, suppliers: Sequence[str], sources: Sequence[str]) -> None:
    """Raises: WishRefused for a wish that nothing can come of, with what to change."""
    if wished.strict and not wished.order:
        raise WishRefused("Name what the charges are to get, or allow everything else.")
    if len(wished.order) > MOST:
        raise WishRefused(f"Name at most {MOST} preferences.")
    if len(set(wished.order)) < len(wished.order):
        raise WishRefused("Name each preference once.")
    for each in wished.order:
        if not each.supplier and not each.source:
            raise WishRefused("A preference names a supplier, a source, or both.")
        if each.supplier and each.supplier not in suppliers:
            raise WishRefused(f"There is no supplier {each.supplier[:LONGEST]!r} here.")
        if each.source and each.source not in sources:
            raise WishRefused(f"There is no source {each.source[:LONGEST]!r} here.")


def read(first: bool, preferences: Mapping[str, Any]) -> Wished:
    """The wish that a charge keeps."""
    order = tuple(
        Preference(each.get("supplier", ""), each.get("source", ""))
        for each in preferences.get("order", ())
    )
    return Wished(first, order, bool(preferences.get("strict")))
