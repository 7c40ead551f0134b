"""Using certificates for a beneficiary, and the statements of it."""

from typing import Any, ClassVar

from django.conf import settings
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from certificates.api.acts import PickingActSerializer, picked
from certificates.api.base import DetailView, ListView, OrganisationView
from certificates.api.certificates import act_key
from certificates.models import Cancellation
from certificates.services.holding import bulk
from certificates.services.holding.cancellations import LENGTHS, Beneficiary
from ledger.api.idempotency import idempotent
from ledger.api.query import Query
from ledger.api.sent import Instant, Sent


class BeneficiarySerializer(Sent):
    """For whom and for what; the period of use is half-open."""

    kind = serializers.ChoiceField(Cancellation.BeneficiaryKind.choices)
    name = serializers.CharField(required=False, max_length=LENGTHS["beneficiary"])
    country = serializers.RegexField(r"^[A-Z]{2}$")
    purpose = serializers.CharField(max_length=LENGTHS["purpose"])
    consumption_starts_at = Instant()
    consumption_ends_at = Instant()
    address = serializers.CharField(required=False, max_length=LENGTHS["address"])
    location = serializers.CharField(required=False, max_length=LENGTHS["location"])
    note = serializers.CharField(required=False, max_length=LENGTHS["note"])


class CancelSerializer(PickingActSerializer):
    """Certificates of your own, and whom they are used for: this cannot be taken back."""

    reason = None  # type: ignore[assignment]  # the purpose says it
    beneficiary = BeneficiarySerializer()


class StatementSerializer(serializers.ModelSerializer[Cancellation]):
    """`public_id` is the unguessable address under which anyone may read the statement."""

    class Meta:
        model = Cancellation
        fields = [
            "public_id",
            "status",
            "lots",
            "amount_wh",
            "beneficiary_kind",
            "beneficiary",
            "country",
            "purpose",
            "consumption_starts_at",
            "consumption_ends_at",
            "asked_at",
            "due_at",
            "ended_at",
        ]
        read_only_fields = fields


class StatementDetailSerializer(StatementSerializer):
    """The same with its number and its links."""

    number = serializers.CharField(read_only=True)
    page = serializers.SerializerMethodField()
    document = serializers.SerializerMethodField()
    pdf = serializers.SerializerMethodField()

    class Meta(StatementSerializer.Meta):
        fields = ["number", *StatementSerializer.Meta.fields, "page", "document", "pdf"]

    def get_page(self, row: Cancellation) -> str:
        return _link("statement", row)

    def get_document(self, row: Cancellation) -> str:
        return _link("statement_json", row)

    def get_pdf(self, row: Cancellation) -> str:
        return _link("statement_pdf", row)


class Statements(OrganisationView):
    """What the organisation used certificates for."""

    queryset = Cancellation.objects.none()
    scopes: ClassVar = {"GET": "certificates:read"}

    def visible(self) -> "QuerySet[Any]":
        return Cancellation.objects.filter(holder=self.organisation)


class StatementQuery(Query):
    status = serializers.ChoiceField(Cancellation.Status.choices, required=False)


class StatementList(Statements, ListView):
    serializer_class = StatementSerializer
    query_class = StatementQuery

    @extend_schema(parameters=[StatementQuery], summary="Statements of what you used")
    def get(self, request: Request) -> Any:
        return self.list(request)


class StatementDetail(Statements, DetailView):
    serializer_class = StatementDetailSerializer

    @extend_schema(summary="One statement")
    def get(self, request: Request, public_id: str) -> Response:
        return Response(StatementDetailSerializer(self.find(public_id=public_id)).data)


class Cancel(Statements):
    serializer_class = CancelSerializer
    scopes: ClassVar = {"POST": "certificates:write"}

    @extend_schema(
        responses={201: StatementDetailSerializer}, summary="Use certificates for a beneficiary"
    )
    @idempotent
    def post(self, request: Request) -> Response:
        """All lines or none, at once, with a statement; the claim is part of it."""
        Query.read(request)
        sent = self.get_serializer(data=request.data)
        sent.is_valid(raise_exception=True)
        given = sent.validated_data
        made = bulk.cancel(
            holder=self.organisation,
            picked=picked(given),
            beneficiary=Beneficiary(**given["beneficiary"]),
            key=act_key(self.organisation, request),
            now=timezone.now(),
            actor=self.caller,
        )
        return Response(StatementDetailSerializer(made).data, status=201)


def _link(name: str, row: Cancellation) -> str:
    return f"{settings.PUBLIC_URL}{reverse(name, args=[row.public_id])}"
