"""Devices and their readings."""

from typing import Any, ClassVar, cast

from django.db.models import Q, QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from certificates.api.base import DetailView, ListView, OrganisationView, PeriodQuery
from certificates.api.meter_json import MeterJsonParser
from certificates.api.serializers import (
    DeviceChangesSerializer,
    DeviceFactsSerializer,
    DeviceSerializer,
    IssueReportSerializer,
    MeterReadingsSerializer,
    MeterReportSerializer,
    MeterUploadSerializer,
    ReadingSerializer,
)
from certificates.domain.device_facts import read_facts
from certificates.errors import InvalidDevice
from certificates.models import Device, Reading
from certificates.queries.plants.applications import updates
from certificates.queries.plants.ownership import had_by
from certificates.services.issuing import issuance
from certificates.services.meters import readings
from certificates.services.plants import applications as plant_applications
from ledger.api.idempotency import idempotent
from ledger.api.query import Query
from ledger.api.sent import refuse_body
from ledger.models import AuditEvent


def stated(request: Request) -> dict[str, Any]:
    """The facts that a body states. Raises: InvalidDevice when it is no object."""
    if not isinstance(request.data, dict):
        raise InvalidDevice('Send the facts as one object, such as {"name": ...}.')
    return dict(request.data)


class DeviceQuery(Query):
    status = serializers.ChoiceField(Device.Status.choices, required=False)


class DeviceList(ListView):
    serializer_class = DeviceSerializer
    queryset = Device.objects.none()
    query_class = DeviceQuery
    scopes: ClassVar = {"GET": "devices:read", "POST": "devices:write"}

    def visible(self) -> "QuerySet[Any]":
        return self.organisation.devices.select_related("organisation", "area")

    @extend_schema(parameters=[DeviceQuery], summary="Your devices")
    def get(self, request: Request) -> Any:
        return self.list(request)

    @extend_schema(
        request=DeviceFactsSerializer, responses={201: DeviceSerializer}, summary="Register"
    )
    @idempotent
    def post(self, request: Request) -> Response:
        """Hands a device in for approval; the same facts again, while it waits, are the first."""
        Query.read(request)
        facts = read_facts(stated(request) | {"organisation": self.organisation.slug})
        device = plant_applications.hand_in(facts=facts, now=timezone.now(), actor=str(self.caller))
        return Response(DeviceSerializer(device).data, status=201)


class DeviceDetail(DetailView):
    serializer_class = DeviceSerializer
    queryset = Device.objects.none()
    scopes: ClassVar = {"GET": "devices:read", "PATCH": "devices:write"}

    def visible(self) -> "QuerySet[Any]":
        return self.organisation.devices.select_related("organisation", "area")

    @extend_schema(summary="One device")
    def get(self, request: Request, gsrn: str) -> Response:
        return Response(DeviceSerializer(self.find(gsrn=gsrn)).data)

    @extend_schema(
        request=DeviceChangesSerializer, responses=DeviceSerializer, summary="Change and hand in"
    )
    @idempotent
    def patch(self, request: Request, gsrn: str) -> Response:
        """Other facts for a device that the registry sent back; what is left out stays.

        It is handed in again with them. Once approved, what is certified rests on the facts:
        only its name changes, and its place by a tenth of a degree (EnergyTag's mutables). What
        they were stays under `changes/`.
        """
        Query.read(request)
        changed = plant_applications.change(
            device=self.find(gsrn=gsrn),
            changes=cast("dict[str, Any]", request.data),
            now=timezone.now(),
            actor=str(self.caller),
        )
        return Response(DeviceSerializer(changed).data)


class DeviceChangeSerializer(serializers.ModelSerializer[AuditEvent]):
    """What the owner changed of an approved device: by name, what it was and what it is."""

    changed = serializers.DictField(
        source="detail.changed", child=serializers.ListField(child=serializers.CharField())
    )

    class Meta:
        model = AuditEvent
        fields = ["id", "at", "actor", "changed"]
        read_only_fields = fields


class DeviceChangeList(ListView):
    serializer_class = DeviceChangeSerializer
    queryset = AuditEvent.objects.none()
    scopes: ClassVar = {"GET": "devices:read"}

    def visible(self) -> "QuerySet[Any]":
        rows = self.organisation.devices.filter(gsrn=self.kwargs["gsrn"])
        return updates(rows.get() if rows else self.absent())

    @extend_schema(summary="What changed of a device")
    def get(self, request: Request, gsrn: str) -> Any:
        return self.list(request)


class ReadingList(ListView):
    serializer_class = ReadingSerializer
    queryset = Reading.objects.none()
    query_class = PeriodQuery
    lookups: ClassVar = {"starts_from": "starts_at__gte", "starts_before": "starts_at__lt"}
    scopes: ClassVar = {"GET": "devices:read", "POST": "readings:write"}
    parser_classes = (MultiPartParser, MeterJsonParser)

    def visible(self) -> "QuerySet[Any]":
        own = had_by(self.organisation)
        if not self.organisation.handovers_given.filter(device__gsrn=self.kwargs["gsrn"]).exists():
            own = Q(device=self.device)
        found = Reading.objects.filter(own, device__gsrn=self.kwargs["gsrn"])
        return found.select_related("device")

    @property
    def device(self) -> Device:
        """The caller's device in the address, as it is owned now."""
        rows = self.organisation.devices.filter(gsrn=self.kwargs["gsrn"])
        return rows.get() if rows else self.absent()

    @extend_schema(parameters=[PeriodQuery], summary="Readings of a device")
    def get(self, request: Request, gsrn: str) -> Any:
        return self.list(request)

    @extend_schema(
        request={
            "multipart/form-data": MeterUploadSerializer,
            "application/json": MeterReadingsSerializer,
        },
        responses=MeterReportSerializer,
        summary="Send a meter file or readings",
    )
    @idempotent
    def post(self, request: Request, gsrn: str) -> Response:
        """Reads a meter file or a JSON list; `dry_run` keeps nothing.

        Formats are told by their content. What a file leaves open (its zone, its unit, which
        of its registers) is refused with `choice_needed` and given as `filter=@zone=...`.
        The same file twice is harmless. Where other files have corrected its values since, it
        is refused with `file_overtaken` unless `again` says to correct them back.
        """
        Query.read(request)
        sent = MeterUploadSerializer(data=request.data)
        sent.is_valid(raise_exception=True)
        file = sent.validated_data["file"]
        chosen = dict(word.split("=", 1) for word in sent.validated_data.get("filter", []))
        wanted: dict[str, Any] = {"device": self.device, "stream": file, "selection": chosen}
        if sent.validated_data["dry_run"]:
            report = readings.preview(**wanted, now=timezone.now())
        else:
            again = sent.validated_data["again"]
            take = readings.import_again if again else readings.import_readings
            report = take(**wanted, name=file.name, now=timezone.now())
        return Response(report)


class Issuance(OrganisationView):
    serializer_class = IssueReportSerializer
    scopes: ClassVar = {"POST": "readings:write"}

    def visible(self) -> "QuerySet[Any]":
        return self.organisation.devices.all()

    @extend_schema(request=None, responses=IssueReportSerializer, summary="Issue certificates")
    @idempotent
    def post(self, request: Request, gsrn: str) -> Response:
        """Issues a lot for each accepted reading that has none yet."""
        Query.read(request)
        refuse_body(request)
        report = issuance.issue(device=self.find(gsrn=gsrn), now=timezone.now())
        return Response({"lots": report.lots, "issued_wh": report.issued_wh})
