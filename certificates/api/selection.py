"""A look at what a choice would take of the certificates one holds: nothing moves."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from certificates.api.acts import LineSerializer, SelectSerializer, criteria_of
from certificates.api.base import OrganisationView
from certificates.models import Organisation
from certificates.queries.holding.selecting import DeviceSum, device_sums, select
from ledger.api.query import ALWAYS, Query

SHOWN = 10_000  # certificates named in one answer


class SelectionQuery(Query, SelectSerializer):
    """The words of `select`; `devices` may be given several times."""

    mark = None  # type: ignore[assignment]  # the answer gives it

    @classmethod
    def values(cls, request: Request) -> dict[str, Any]:
        given = {k: v for k, v in request.query_params.items() if k not in ALWAYS}
        named = request.query_params.getlist("devices")
        return given | ({"devices": named} if named else {})


class SelectedDeviceSerializer(serializers.Serializer[DeviceSum]):
    """What is picked of one plant or storage, in lots from `starts_at` to `ends_at`."""

    device = serializers.CharField(source="device.gsrn")
    lots = serializers.IntegerField()
    amount_wh = serializers.IntegerField()
    starts_at = serializers.DateTimeField(source="first")
    ends_at = serializers.DateTimeField()


class SelectionSerializer(serializers.Serializer[Any]):
    """What would move. `certificates` names the first 10,000, the oldest first; sent as lines,
    or by `select` with the `mark`, exactly these move.
    """

    lots = serializers.IntegerField()
    amount_wh = serializers.IntegerField()
    mark = serializers.CharField()
    devices = SelectedDeviceSerializer(many=True)
    certificates = LineSerializer(many=True)


class SelectionView(OrganisationView):
    serializer_class = SelectionSerializer
    scopes: ClassVar = {"GET": "certificates:read"}

    def visible(self) -> "QuerySet[Any]":
        return Organisation.objects.filter(pk=self.organisation.pk)

    @extend_schema(parameters=[SelectionQuery], summary="What a choice would take")
    def get(self, request: Request) -> Response:
        """What transfer, offer, reserve and cancel would take for the same words in `select`."""
        found = select(self.organisation, criteria_of(SelectionQuery.read(request)))
        shown = [{"asset": row.code, "amount_wh": row.amount_wh} for row in found.holdings[:SHOWN]]
        facts = {
            "lots": len({row.lot_id for row in found.holdings}),
            "amount_wh": found.amount_wh,
            "mark": found.mark,
            "devices": device_sums(found),
            "certificates": shown,
        }
        return Response(SelectionSerializer(facts).data)
