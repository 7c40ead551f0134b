"""Bringing in certificates of another registry."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from certificates.api.base import DetailView, ListView, OrganisationView
from certificates.domain.external.gc_csv import OPTIONS
from certificates.models import CertificateImport
from certificates.services.imports import files as external_files
from certificates.services.imports import imports as certificate_imports
from certificates.services.imports.registries import find_registry
from ledger.api.idempotency import idempotent
from ledger.api.query import Query
from ledger.api.sent import Sent


class ImportRequestSerializer(Sent):
    """EnergyTag's certificate file as CSV, plain or gzip, and what it does not say.

    `proof` names the document by which the other registry cancelled or exported the
    certificates; it may be left out of a dry run. A choice that the file needs and nobody made
    is refused with `choice_needed`.
    """

    file = serializers.FileField()
    device = serializers.RegexField(r"^[0-9]{18}$")
    registry = serializers.SlugField(max_length=50)
    proof = serializers.CharField(
        required=False, max_length=certificate_imports.LONGEST_PROOF, default=""
    )
    dates = serializers.ChoiceField(OPTIONS["dates"], required=False)
    clock = serializers.ChoiceField(OPTIONS["clock"], required=False)
    factors = serializers.ChoiceField(OPTIONS["factors"], required=False)
    factor_unit = serializers.ChoiceField(OPTIONS["factor_unit"], required=False)
    dry_run = serializers.BooleanField(default=False)


class ImportSerializer(serializers.ModelSerializer[CertificateImport]):
    """An import; it issues nothing before an auditor accepts it (`accepted`, then `imported`).

    `lines_done` of `lines` are read so far; all are written at once.
    """

    device = serializers.CharField(source="device.gsrn", read_only=True)
    registry = serializers.CharField(source="registry.code", read_only=True)

    class Meta:
        model = CertificateImport
        fields = [
            "id",
            "status",
            "reason",
            "device",
            "registry",
            "name",
            "sha256",
            "proof",
            "submitted_by",
            "submitted_at",
            "accepted_at",
            "lines",
            "lines_done",
            "decided_at",
        ]
        read_only_fields = fields


class ImportReportSerializer(ImportSerializer):
    """The same with all that was understood of the file."""

    report = serializers.JSONField(read_only=True)

    class Meta(ImportSerializer.Meta):
        fields = [*ImportSerializer.Meta.fields, "report"]


class Import(OrganisationView):
    serializer_class = ImportRequestSerializer
    scopes: ClassVar = {"POST": "certificates:write"}
    parser_classes = (MultiPartParser,)

    def visible(self) -> "QuerySet[Any]":
        return self.organisation.devices.select_related("organisation", "area")

    @extend_schema(
        request={"multipart/form-data": ImportRequestSerializer},
        responses={200: ImportReportSerializer, 201: ImportReportSerializer},
        summary="Bring in certificates of another registry",
    )
    @idempotent
    def post(self, request: Request) -> Response:
        """Hands a file in for an auditor, all lines or none; `dry_run` keeps nothing.

        A refusal names every line that cannot come in, its column and why. The same file for
        the same plant answers with the first. A dry run answers with the `report` alone.
        """
        sent = self.get_serializer(data=request.data)
        sent.is_valid(raise_exception=True)
        given = sent.validated_data
        device = self.visible().filter(gsrn=given["device"]).first() or self.absent()
        registry = find_registry(given["registry"])
        choices = {name: given[name] for name in OPTIONS if name in given}
        now, file = timezone.now(), given["file"]
        if given["dry_run"]:
            report = external_files.preview(
                device=device, registry=registry, stream=file, choices=choices, now=now
            )
            return Response({"report": report})
        made = certificate_imports.hand_in_file(
            request=certificate_imports.Request(
                device, registry, file.name, given["proof"], choices
            ),
            stream=file,
            now=now,
            actor=str(self.caller),
        )
        return Response(ImportReportSerializer(made).data, status=201)


class ImportQuery(Query):
    status = serializers.ChoiceField(CertificateImport.Status.choices, required=False)


class ImportList(ListView):
    serializer_class = ImportSerializer
    queryset = CertificateImport.objects.none()
    query_class = ImportQuery
    scopes: ClassVar = {"GET": "certificates:read"}

    def visible(self) -> "QuerySet[Any]":
        return CertificateImport.objects.filter(organisation=self.organisation)

    @extend_schema(parameters=[ImportQuery], summary="What you wanted to bring in")
    def get(self, request: Request) -> Any:
        return self.list(request)


class ImportDetail(DetailView):
    serializer_class = ImportReportSerializer
    queryset = CertificateImport.objects.none()
    scopes: ClassVar = {"GET": "certificates:read"}

    def visible(self) -> "QuerySet[Any]":
        mine = CertificateImport.objects.filter(organisation=self.organisation)
        return mine.select_related("device", "registry")

    @extend_schema(summary="One import, with what was understood of its file")
    def get(self, request: Request, pk: int) -> Response:
        return Response(ImportReportSerializer(self.find(pk=pk)).data)
