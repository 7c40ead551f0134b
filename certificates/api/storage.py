"""Storage: registering it, its charges and discharges, and what it gives back."""

from dataclasses import asdict
from typing import Any, ClassVar

from django.db.models import F, QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.parsers import JSONParser, MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from certificates.api.base import DetailView, ListView, OrganisationView, PeriodQuery
from certificates.api.devices import stated
from certificates.api.storage_serializers import (
    AllocationSerializer,
    ChargeReportSerializer,
    ChargeSerializer,
    DischargePartSerializer,
    LossIntervalSerializer,
    RecordFileSerializer,
    RecordReportSerializer,
    RecordSerializer,
    SentRecordsSerializer,
    SettleSerializer,
    ShortfallSerializer,
    StorageFactsSerializer,
    StorageSerializer,
    WithdrawalReportSerializer,
    WithdrawRecordsSerializer,
)
from certificates.domain.storage.facts import read_storage_facts
from certificates.domain.storage.flows import Flows, read_csv, read_lines
from certificates.models import (
    ChargeAllocation,
    Device,
    DischargePart,
    LossInterval,
    Organisation,
    StorageRecord,
)
from certificates.queries.storage import pages as storage_pages
from certificates.services.storage import charging as storage_charging
from certificates.services.storage import closing as storage_closing
from certificates.services.storage import devices as storage_devices
from certificates.services.storage import records as storage_records
from certificates.services.storage.charging import ChargeLine
from ledger.api.idempotency import idempotent
from ledger.api.query import Query
from ledger.api.rows import Column


def storage_of(organisation: Organisation) -> "QuerySet[Device]":
    """An organisation's storage devices."""
    found = organisation.devices.filter(kind=Device.Kind.STORAGE)
    return found.select_related("organisation", "area", "storage_terms")


class OfStorage(OrganisationView):
    """What belongs to one storage device of the caller."""

    @property
    def device(self) -> Device:
        """The caller's storage device in the address."""
        found = storage_of(self.organisation).filter(gsrn=self.kwargs["gsrn"]).first()
        return found or self.absent()

    def sent(self, request: Request, kind: "type[serializers.Serializer[Any]]") -> dict[str, Any]:
        """What the body says. Raises: rest_framework.exceptions.ValidationError."""
        Query.read(request)
        body = kind(data=request.data)
        body.is_valid(raise_exception=True)
        return dict(body.validated_data)


class StorageList(ListView):
    serializer_class = StorageSerializer
    queryset = Device.objects.none()
    scopes: ClassVar = {"GET": "devices:read", "POST": "devices:write"}

    def visible(self) -> "QuerySet[Any]":
        return storage_of(self.organisation)

    @extend_schema(summary="Your storage")
    def get(self, request: Request) -> Any:
        return self.list(request)

    @extend_schema(
        request=StorageFactsSerializer, responses={201: StorageSerializer}, summary="Register"
    )
    @idempotent
    def post(self, request: Request) -> Response:
        """Registers storage for approval; method and loss interval are fixed from then on."""
        Query.read(request)
        facts = read_storage_facts(stated(request) | {"organisation": self.organisation.slug})
        device = storage_devices.register_storage(
            facts=facts, now=timezone.now(), actor=str(self.caller)
        )
        return Response(StorageSerializer(device).data, status=201)


class StorageDetail(DetailView):
    serializer_class = StorageSerializer
    queryset = Device.objects.none()
    scopes: ClassVar = {"GET": "devices:read"}

    def visible(self) -> "QuerySet[Any]":
        return storage_of(self.organisation)

    @extend_schema(summary="One storage device")
    def get(self, request: Request, gsrn: str) -> Response:
        return Response(StorageSerializer(self.find(gsrn=gsrn)).data)


class RecordQuery(PeriodQuery):
    direction = serializers.ChoiceField(StorageRecord.Direction.choices, required=False)
    status = serializers.ChoiceField(StorageRecord.Status.choices, required=False)


class RecordList(OfStorage, ListView):
    serializer_class = RecordSerializer
    queryset = StorageRecord.objects.none()
    query_class = RecordQuery
    lookups: ClassVar = {"starts_from": "starts_at__gte", "starts_before": "starts_at__lt"}
    scopes: ClassVar = {"GET": "devices:read", "POST": "readings:write"}
    parser_classes = (JSONParser, MultiPartParser)

    def visible(self) -> "QuerySet[Any]":
        return StorageRecord.objects.filter(device=self.device)

    @extend_schema(parameters=[RecordQuery], summary="Charge and discharge records")
    def get(self, request: Request, gsrn: str) -> Any:
        return self.list(request)

    @extend_schema(
        request={
            "application/json": SentRecordsSerializer,
            "multipart/form-data": RecordFileSerializer,
        },
        responses=RecordReportSerializer,
        summary="Send charges and discharges",
    )
    @idempotent
    def post(self, request: Request, gsrn: str) -> Response:
        """All lines or none; a refusal names every line that cannot be. Again is harmless."""
        Query.read(request)
        flows, replace = self._flows(request)
        report = storage_records.record(
            device=self.device,
            flows=flows,
            replace=replace,
            now=timezone.now(),
            actor=self.caller,
        )
        return Response(asdict(report))

    def _flows(self, request: Request) -> tuple[Flows, bool]:
        if request.content_type.startswith("multipart/"):
            given = self.sent(request, RecordFileSerializer)
            return read_csv(given["file"]), given["replace"]
        body = request.data if isinstance(request.data, dict) else {"records": request.data}
        SentRecordsSerializer.refuse_unknown(body)
        replace = serializers.BooleanField().run_validation(body.get("replace", False))
        # The lines are read by the service's own reader: it names every one that is wrong.
        return read_lines(body.get("records")), replace


class RecordWithdrawal(OfStorage):
    serializer_class = WithdrawRecordsSerializer
    queryset = StorageRecord.objects.none()
    scopes: ClassVar = {"POST": "readings:write"}

    @extend_schema(responses=WithdrawalReportSerializer, summary="Withdraw records")
    @idempotent
    def post(self, request: Request, gsrn: str) -> Response:
        """Takes records out of force, all or none, while their loss interval is open."""
        given = self.sent(request, WithdrawRecordsSerializer)
        report = storage_records.withdraw(
            device=self.device,
            record_ids=given["records"],
            now=timezone.now(),
            actor=self.caller,
        )
        return Response(asdict(report))


class ChargeList(OfStorage, ListView):
    serializer_class = AllocationSerializer
    queryset = ChargeAllocation.objects.none()
    query_class = PeriodQuery
    lookups: ClassVar = {
        "starts_from": "charge__starts_at__gte",
        "starts_before": "charge__starts_at__lt",
    }
    scopes: ClassVar = {"GET": "certificates:read", "POST": "certificates:write"}

    def visible(self) -> "QuerySet[Any]":
        return ChargeAllocation.objects.standing().filter(charge__device=self.device)

    @extend_schema(parameters=[PeriodQuery], summary="Certificates retired for charges")
    def get(self, request: Request, gsrn: str) -> Any:
        return self.list(request)

    @extend_schema(
        request=ChargeSerializer, responses=ChargeReportSerializer, summary="Retire for charges"
    )
    @idempotent
    def post(self, request: Request, gsrn: str) -> Response:
        """Retires certificates of a charge's interval and area for it; this is irreversible."""
        given = self.sent(request, ChargeSerializer)
        act: dict[str, Any] = {
            "device": self.device,
            "now": timezone.now(),
            "actor": self.caller,
        }
        if given.get("allocations"):
            lines = [ChargeLine(n, **row) for n, row in enumerate(given["allocations"], start=1)]
            report = storage_charging.charge_with(**act, lines=lines)
        else:
            period = {"starts_at": given["starts_from"], "ends_at": given["starts_before"]}
            report = storage_charging.charge_with_held(**act, **period)
        return Response(asdict(report))


class LossIntervalList(OfStorage, ListView):
    serializer_class = LossIntervalSerializer
    queryset = LossInterval.objects.none()
    scopes: ClassVar = {"GET": "certificates:read", "POST": "certificates:write"}

    def visible(self) -> "QuerySet[Any]":
        lost = F("opening_wh") + F("input_wh") - F("output_wh") - F("stored_wh")
        found = LossInterval.objects.filter(device=self.device)
        return found.annotate(lost=lost, gone=lost + F("output_wh"))

    def columns(self) -> dict[str, Column]:
        return super().columns() | {"lost_wh": ("lost", None), "gone_wh": ("gone", None)}

    @extend_schema(summary="Settled loss intervals")
    def get(self, request: Request, gsrn: str) -> Any:
        return self.list(request)

    @extend_schema(
        request=SettleSerializer, responses=LossIntervalSerializer, summary="Settle, and issue"
    )
    @idempotent
    def post(self, request: Request, gsrn: str) -> Response:
        """Settles the next loss interval and issues what came out as certificates again."""
        given = self.sent(request, SettleSerializer)
        interval = storage_closing.close_interval(
            device=self.device, **given, now=timezone.now(), actor=self.caller
        )
        return Response(LossIntervalSerializer(interval).data)


class DischargePartList(OfStorage, ListView):
    serializer_class = DischargePartSerializer
    queryset = DischargePart.objects.none()
    query_class = PeriodQuery
    lookups: ClassVar = {
        "starts_from": "discharge__starts_at__gte",
        "starts_before": "discharge__starts_at__lt",
    }
    scopes: ClassVar = {"GET": "certificates:read"}

    def visible(self) -> "QuerySet[Any]":
        interval = "interval__"
        gone = F(f"{interval}opening_wh") + F(f"{interval}input_wh") - F(f"{interval}stored_wh")
        return DischargePart.objects.filter(discharge__device=self.device).annotate(gone=gone)

    @extend_schema(parameters=[PeriodQuery], summary="From original to given back")
    def get(self, request: Request, gsrn: str) -> Any:
        return self.list(request)


class ShortfallList(OfStorage, DetailView):
    serializer_class = ShortfallSerializer
    pagination_class = None  # type: ignore[assignment]  # usually none
    queryset = Device.objects.none()
    scopes: ClassVar = {"GET": "certificates:read"}

    @extend_schema(
        responses=ShortfallSerializer(many=True),
        summary="What was stored and, after a correction, not generated",
    )
    def get(self, request: Request, gsrn: str) -> Response:
        """Hours of plants whose meter was corrected after their certificates were retired for
        charges; usually none. What is retired and given back stands."""
        Query.read(request)
        found = storage_pages.corrected_origins(self.device, timezone.now())
        return Response(ShortfallSerializer(found, many=True).data)
