"""Pages of API lists: a cursor on a unique order, so that no row is skipped or seen twice."""

from rest_framework.pagination import CursorPagination


class CursorPages(CursorPagination):
    """The newest first, 100 a page, at most 1,000 with `limit`."""

    ordering = "-pk"
    page_size = 100
    page_size_query_param = "limit"
    max_page_size = 1_000
