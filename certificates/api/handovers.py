"""Plants and storage that change hands: proposed, accepted, rejected, withdrawn."""

from datetime import datetime
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from certificates.api.base import DetailView, ListView, OrganisationView
from certificates.api.certificates import named
from certificates.api.lookups import own_device
from certificates.errors import HandoverRefused
from certificates.models import Device, Handover
from certificates.queries.generator.handover_effect import handovers_of
from certificates.queries.readings.tallies import open_debt_wh
from certificates.queries.storage.pages import stored_origins
from certificates.queries.storage.records import next_interval
from certificates.services.handovers import handovers
from ledger.api.idempotency import idempotent
from ledger.api.query import Query
from ledger.api.sent import Sent, refuse_body


class HandoverSerializer(serializers.ModelSerializer[Handover]):
    """From `effective_at` on, which is the start of `effective_on` in the zone of the device's
    area (of storage in UTC), what the device generates or gives back is the buyer's. What it
    owed when they accepted goes along.
    """

    device = serializers.CharField(source="device.gsrn", read_only=True)
    seller = serializers.SlugField(source="seller.slug", read_only=True)
    buyer = serializers.SlugField(source="buyer.slug", read_only=True)

    class Meta:
        model = Handover
        fields = [
            "id",
            "device",
            "seller",
            "buyer",
            "effective_on",
            "effective_at",
            "status",
            "message",
            "reason",
            "accepted_debt_wh",
            "proposed_at",
            "accepted_at",
            "decided_at",
            "done_at",
        ]
        read_only_fields = fields


class HandoverDetailSerializer(HandoverSerializer):
    """The same with what the device owes now, which is what an acceptance has to name, and of
    storage what is left in it: final once its losses are settled until `effective_at`.
    """

    debt_wh = serializers.SerializerMethodField()
    settled_until = serializers.SerializerMethodField()
    stored_wh = serializers.SerializerMethodField()

    class Meta(HandoverSerializer.Meta):
        fields = [*HandoverSerializer.Meta.fields, "debt_wh", "settled_until", "stored_wh"]
        read_only_fields = fields

    def get_debt_wh(self, row: Handover) -> int | None:
        """None once the registry has decided: it is the new owner's affair then."""
        return open_debt_wh(row.device) if self._is_open(row) else None

    def get_settled_until(self, row: Handover) -> datetime | None:
        """None of a plant, and once the registry has decided."""
        return next_interval(row.device.storage_terms)[0] if self._stores(row) else None

    def get_stored_wh(self, row: Handover) -> int | None:
        """None of a plant, and once the registry has decided."""
        if not self._stores(row):
            return None
        return sum(one.amount_wh for one in stored_origins(row.device))

    def _stores(self, row: Handover) -> bool:
        return self._is_open(row) and row.device.kind == Device.Kind.STORAGE

    def _is_open(self, row: Handover) -> bool:
        return row.status in (Handover.Status.PROPOSED, Handover.Status.ACCEPTED)


class NewHandoverSerializer(Sent):
    """A device of yours, to another producer, from the start of a day on; of storage a day on
    which a loss interval begins."""

    device = serializers.RegexField(r"^[0-9]{18}$")
    to = serializers.SlugField(max_length=50)
    effective_on = serializers.DateField()
    message = serializers.CharField(required=False, max_length=500)


class AcceptSerializer(Sent):
    """What the device owes (Wh), as the handover said when you looked; it goes with it."""

    debt_wh = serializers.IntegerField(min_value=0)


class HandoverQuery(Query):
    status = serializers.ChoiceField(Handover.Status.choices, required=False)
    device = serializers.RegexField(r"^[0-9]{18}$", required=False)


class Handovers(OrganisationView):
    """Handovers that the organisation is a side of."""

    serializer_class: type[serializers.Serializer[Any]] = HandoverSerializer
    queryset = Handover.objects.none()
    lookups: ClassVar = {"device": "device__gsrn"}
    scopes: ClassVar = {"GET": "devices:read", "POST": "devices:write"}

    def visible(self) -> "QuerySet[Any]":
        return handovers_of(self.organisation)

    def answer(self, pk: int, status: int = 200) -> Response:
        """The handover as it is now."""
        return Response(HandoverDetailSerializer(self.find(pk=pk)).data, status=status)


class HandoverList(Handovers, ListView):
    query_class = HandoverQuery

    @extend_schema(parameters=[HandoverQuery], summary="Devices that change hands")
    def get(self, request: Request) -> Any:
        return self.list(request)

    @extend_schema(
        request=NewHandoverSerializer,
        responses={201: HandoverDetailSerializer},
        summary="Hand a device over",
    )
    @idempotent
    def post(self, request: Request) -> Response:
        """The other side accepts, then the registry approves; the same again, while it is
        open, is the first."""
        Query.read(request)
        sent = NewHandoverSerializer(data=request.data)
        sent.is_valid(raise_exception=True)
        given = sent.validated_data
        made = handovers.propose(
            device=own_device(self.organisation, given["device"], HandoverRefused),
            to=named(given["to"], "to"),
            effective_on=given["effective_on"],
            message=given.get("message", ""),
            now=timezone.now(),
            actor=self.caller,
        )
        return self.answer(made.pk, status=201)


class HandoverDetail(Handovers, DetailView):
    serializer_class = HandoverDetailSerializer

    @extend_schema(summary="One handover")
    def get(self, request: Request, pk: int) -> Response:
        return self.answer(pk)


class HandoverAccept(Handovers):
    scopes: ClassVar = {"POST": "devices:write"}

    @extend_schema(
        request=AcceptSerializer,
        responses=HandoverDetailSerializer,
        summary="Take a device over",
    )
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        """With what it owes; refused where that is more than `debt_wh` by now."""
        sent = AcceptSerializer(data=request.data)
        sent.is_valid(raise_exception=True)
        handovers.accept(
            handover=self.find(pk=pk),
            by=self.organisation,
            debt_wh=sent.validated_data["debt_wh"],
            now=timezone.now(),
            actor=self.caller,
        )
        return self.answer(pk)


class HandoverReject(Handovers):
    scopes: ClassVar = {"POST": "devices:write"}

    @extend_schema(request=None, responses=HandoverDetailSerializer, summary="Reject a handover")
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        """By the new owner, as long as the registry has not approved."""
        refuse_body(request)
        found = self.find(pk=pk)
        handovers.reject(
            handover=found, by=self.organisation, now=timezone.now(), actor=self.caller
        )
        return self.answer(pk)


class HandoverWithdraw(Handovers):
    scopes: ClassVar = {"POST": "devices:write"}

    @extend_schema(request=None, responses=HandoverDetailSerializer, summary="Withdraw a handover")
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        """By the owner, as long as the registry has not approved."""
        refuse_body(request)
        found = self.find(pk=pk)
        handovers.withdraw(
            handover=found, by=self.organisation, now=timezone.now(), actor=self.caller
        )
        return self.answer(pk)
