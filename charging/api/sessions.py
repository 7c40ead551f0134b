"""Charges, their files, and matching."""

from typing import Any, ClassVar

from django.db.models import Q, QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from certificates.api.base import ListView, OrganisationView, PeriodQuery
from charging.api.serializers import (
    MatchReportSerializer,
    MatchSerializer,
    SessionDetailSerializer,
    SessionDriverSerializer,
    SessionReportSerializer,
    SessionSerializer,
    SessionUploadSerializer,
)
from charging.domain.matching.policies import POLICIES
from charging.domain.session_file import read_all
from charging.models import Session
from charging.queries.what_if import HOURLY, what_if
from charging.services.driver import confirm_driver
from charging.services.matching import match
from charging.services.sessions import Options, Upload, import_sessions
from ledger.api.idempotency import idempotent
from ledger.api.query import Query


class SessionView(OrganisationView):
    """Charges that the organisation operates or claims."""

    serializer_class = SessionSerializer
    queryset = Session.objects.none()
    scopes: ClassVar = {"GET": "sessions:read"}

    def visible(self) -> "QuerySet[Any]":
        mine = Q(operator=self.organisation) | Q(claimant=self.organisation)
        return Session.objects.filter(mine).select_related(
            "operator", "claimant", "evse__location", "area"
        )


class SessionList(SessionView, ListView):
    query_class = PeriodQuery
    lookups: ClassVar = {"starts_from": "started_at__gte", "starts_before": "started_at__lt"}

    @extend_schema(parameters=[PeriodQuery], summary="Your charges")
    def get(self, request: Request) -> Any:
        return self.list(request)


class SessionDetail(SessionView):
    serializer_class = SessionDetailSerializer

    @extend_schema(summary="One charge and its hours")
    def get(self, request: Request, pk: int) -> Response:
        row = self.find(pk=pk)
        return Response(SessionDetailSerializer(row).data)


class SessionDriver(OrganisationView):
    serializer_class = SessionDriverSerializer
    scopes: ClassVar = {"POST": "sessions:write"}

    @extend_schema(
        request=SessionDriverSerializer,
        responses={204: None},
        summary="Say whose charge it was",
    )
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        """Keeps a charge that you claim in its driver's account, whose contract you know.

        The first account to keep a charge keeps it; its driver may take it out again.
        """
        sent = SessionDriverSerializer(data=request.data)
        sent.is_valid(raise_exception=True)
        confirm_driver(
            claimant=self.organisation,
            session_id=pk,
            email=sent.validated_data["email"],
            actor=request.user,
            now=timezone.now(),
        )
        return Response(status=204)


class SessionFiles(OrganisationView):
    serializer_class = SessionUploadSerializer
    parser_classes = (MultiPartParser,)
    scopes: ClassVar = {"POST": "sessions:write"}

    @extend_schema(
        request=SessionUploadSerializer,
        responses=SessionReportSerializer,
        summary="Send a file of charges",
    )
    @idempotent
    def post(self, request: Request) -> Response:
        """Reads a file of charges; `dry_run` keeps nothing. The same file twice is harmless."""
        sent = SessionUploadSerializer(data=request.data)
        sent.is_valid(raise_exception=True)
        given = sent.validated_data
        report = import_sessions(
            organisation=self.organisation,
            upload=Upload(name=given["file"].name, data=read_all(given["file"])),
            options=Options(
                profile=given["profile"],
                area=given["area"],
                starts_at=given["starts_from"],
                ends_at=given["starts_before"],
                final=given["final"],
            ),
            now=timezone.now(),
            dry_run=given["dry_run"],
        )
        return Response(report.as_json())


class Matching(OrganisationView):
    serializer_class = MatchSerializer
    scopes: ClassVar = {"POST": "sessions:write"}

    @extend_schema(
        request=MatchSerializer, responses=MatchReportSerializer, summary="Match and retire"
    )
    @idempotent
    def post(self, request: Request) -> Response:
        """Matches what you hold to your final charges, by the hour, and retires it."""
        sent = MatchSerializer(data=request.data)
        sent.is_valid(raise_exception=True)
        report = match(
            organisation=self.organisation,
            starts_at=sent.validated_data["starts_from"],
            ends_at=sent.validated_data["starts_before"],
            now=timezone.now(),
        )
        return Response(report.as_json())


class WhatIfQuery(Query):
    starts_from = serializers.DateTimeField()
    starts_before = serializers.DateTimeField()
    ppm = serializers.IntegerField(required=False, min_value=1, max_value=1_000_000)
    policy = serializers.ChoiceField(tuple(POLICIES), required=False, default=HOURLY)


class WhatIf(OrganisationView):
    serializer_class = MatchReportSerializer
    pagination_class = None  # type: ignore[assignment]
    scopes: ClassVar = {"GET": "sessions:read"}

    @extend_schema(
        parameters=[WhatIfQuery], responses=MatchReportSerializer, summary="What would match"
    )
    def get(self, request: Request) -> Response:
        """What would be matched under another share or policy; books nothing."""
        given = WhatIfQuery.read(request)
        report = what_if(
            organisation=self.organisation,
            starts_at=given["starts_from"],
            ends_at=given["starts_before"],
            ppm=given.get("ppm"),
            policy=given["policy"],
        )
        return Response(report.as_json())
