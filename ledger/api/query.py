"""Query parameters are read strictly: a name nobody knows is an error, never ignored."""

from typing import Any

from rest_framework.request import Request

from ledger.api.sent import Explained
from ledger.errors import UnknownParameter

PAGING = frozenset({"cursor", "limit"})
ALWAYS = PAGING | {"format"}


class Query(Explained):
    """Base of the parameters of one list; the schema is made of the same fields."""

    @staticmethod
    def refuse_paging(request: Request) -> None:
        """A stream has every row. Raises: UnknownParameter."""
        given = sorted(PAGING & set(request.query_params))
        if given:
            raise UnknownParameter(
                f"A stream has every row: leave out {', '.join(given)}, or ask for JSON pages."
            )

    @classmethod
    def values(cls, request: Request) -> dict[str, Any]:
        """The parameters as they were written."""
        return request.query_params.dict()

    @classmethod
    def read(cls, request: Request) -> dict[str, Any]:
        """The values that were given, as their types.

        Raises: UnknownParameter, rest_framework.exceptions.ValidationError.
        """
        query = cls(data=cls.values(request))
        known = set(query.fields)
        unknown = sorted(set(request.query_params) - known - ALWAYS)
        if unknown:
            raise UnknownParameter(
                f"Unknown query parameter: {', '.join(unknown)}. "
                f"Known here: {', '.join(sorted(known | ALWAYS))}."
            )
        query.is_valid(raise_exception=True)
        return dict(query.validated_data)
