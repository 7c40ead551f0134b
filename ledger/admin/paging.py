"""Pages of long tables that never count them."""

from functools import cached_property

from django.core.paginator import Paginator

COUNTED_ROWS = 5_000  # beyond this an auditor searches or filters; it bounds every count


class BoundedPaginator(Paginator):  # type: ignore[type-arg]
    """Counts up to `COUNTED_ROWS` rows and no further, so that a list of any length is quick.

    The count runs over a LIMITed sub-query: the database stops reading at the bound.
    """

    @cached_property
    def count(self) -> int:  # type: ignore[override]
        """The number of rows, or `COUNTED_ROWS` where there are at least as many."""
        rows = self.object_list.order_by().values("pk")[:COUNTED_ROWS]  # type: ignore[attr-defined]
        return int(rows.count())

    @property
    def is_bounded(self) -> bool:
        """True where there are rows that no page of this list shows."""
        return self.count >= COUNTED_ROWS
