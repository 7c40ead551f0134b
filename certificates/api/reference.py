"""What a plant may name: areas of the grid, and the technologies and energy sources of EECS."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from certificates.api.base import ListView, OrganisationView
from certificates.domain.eecs import sources_for, technologies
from certificates.models import Area
from ledger.api.query import Query


class AreaSerializer(serializers.ModelSerializer[Area]):
    """An area while it was in force, [valid_from, valid_to); `code` is what a device names."""

    class Meta:
        model = Area
        fields = [
            "code",
            "scheme",
            "name",
            "country",
            "timezone",
            "matching_minutes",
            "valid_from",
            "valid_to",
        ]
        read_only_fields = fields


class AreaQuery(Query):
    country = serializers.RegexField(r"^[A-Z]{2}$", required=False)
    code = serializers.CharField(required=False, max_length=40)


class AreaList(ListView):
    serializer_class = AreaSerializer
    queryset = Area.objects.none()
    query_class = AreaQuery
    scopes: ClassVar = {"GET": "devices:read"}

    def visible(self) -> "QuerySet[Any]":
        return Area.objects.all()

    @extend_schema(parameters=[AreaQuery], summary="Areas that a device can lie in")
    def get(self, request: Request) -> Any:
        """Bidding zones and other areas, also those that are in force no more."""
        return self.list(request)


class CodeSerializer(serializers.Serializer[Any]):
    """A code of EECS and its name."""

    code = serializers.CharField()
    name = serializers.CharField()


class TechnologySerializer(CodeSerializer):
    """A technology and the energy sources that EECS allows for it."""

    energy_sources = CodeSerializer(many=True)


class TechnologyList(OrganisationView):
    serializer_class = TechnologySerializer
    pagination_class = None  # type: ignore[assignment]  # a table that comes with the registry
    scopes: ClassVar = {"GET": "devices:read"}

    def visible(self) -> "QuerySet[Any]":
        return Area.objects.none()

    @extend_schema(
        responses=TechnologySerializer(many=True), summary="Technologies and their energy sources"
    )
    def get(self, request: Request) -> Response:
        """The pairs of codes that a plant may have (AIB, EECS Rules Fact Sheet 05)."""
        Query.read(request)
        rows = [
            {"code": code, "name": name, "energy_sources": _named(sources_for(code))}
            for code, name in technologies()
        ]
        return Response(TechnologySerializer(rows, many=True).data)


def _named(codes: list[tuple[str, str]]) -> list[dict[str, str]]:
    return [{"code": code, "name": name} for code, name in codes]
