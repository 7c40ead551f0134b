"""Query parameters are read strictly: a name nobody knows is an error, never ignored."""

from typing import Any

from rest_framework import serializers
from rest_framework.request import Request

from ledger.errors import UnknownParameter

PAGING = frozenset({"cursor", "limit"})


class Query(serializers.Serializer[Any]):
    """Base of the parameters of one list; the schema is made of the same fields."""

    @classmethod
    def read(cls, request: Request) -> dict[str, Any]:
        """The values that were given, as their types.

        Raises: UnknownParameter, rest_framework.exceptions.ValidationError.
        """
        query = cls(data=request.query_params.dict())
        known = set(query.fields)
        unknown = sorted(set(request.query_params) - known - PAGING)
        if unknown:
            raise UnknownParameter(
                f"Unknown query parameter: {', '.join(unknown)}. "
                f"Known here: {', '.join(sorted(known | PAGING))}."
            )
        query.is_valid(raise_exception=True)
        return dict(query.validated_data)
