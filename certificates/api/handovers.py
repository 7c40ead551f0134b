"""Plants that change hands: proposed, accepted, rejected, withdrawn."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from certificates.api.base import DetailView, ListView, OrganisationView
from certificates.api.certificates import named
from certificates.errors import HandoverRefused
from certificates.models import Handover
from certificates.queries.handover_effect import handovers_of
from certificates.queries.tallies import open_debt_wh
from certificates.services import handovers
from ledger.api.idempotency import idempotent
from ledger.api.query import Query


class HandoverSerializer(serializers.ModelSerializer[Handover]):
    """From `effective_at` on, which is the start of `effective_on` in the zone of the device's
    area, what the device generates is the buyer's. What it owed when they accepted goes along.
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
    """The same with what the device owes now, which is what an acceptance has to name."""

    debt_wh = serializers.SerializerMethodField()

    class Meta(HandoverSerializer.Meta):
        fields = [*HandoverSerializer.Meta.fields, "debt_wh"]
        read_only_fields = fields

    def get_debt_wh(self, row: Handover) -> int | None:
        """None once the registry has decided: it is the new owner's affair then."""
        is_open = row.status in (Handover.Status.PROPOSED, Handover.Status.ACCEPTED)
        return open_debt_wh(row.device) if is_open else None


class NewHandoverSerializer(serializers.Serializer[Any]):
    """A device of yours, to another producer, from the start of a day on."""

    device = serializers.RegexField(r"^[0-9]{18}$")
    to = serializers.SlugField(max_length=50)
    effective_on = serializers.DateField()
    message = serializers.CharField(required=False, max_length=500)


class AcceptSerializer(serializers.Serializer[Any]):
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
        device = self.organisation.devices.filter(gsrn=given["device"]).first()
        if device is None:
            raise HandoverRefused(f"You have no device {given['device']}.")
        made = handovers.propose(
            device=device,
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
        found = self.find(pk=pk)
        handovers.withdraw(
            handover=found, by=self.organisation, now=timezone.now(), actor=self.caller
        )
        return self.answer(pk)
