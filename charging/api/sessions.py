"""Charges, their files, and matching."""

from functools import partial
from typing import Any, ClassVar

from django.db import transaction
from django.db.models import Q, QuerySet
from django.urls import reverse
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
    SessionFileSerializer,
    SessionReportSerializer,
    SessionSerializer,
    SessionUploadSerializer,
)
from charging.domain.matching.policies import POLICIES
from charging.domain.session_file import read_all
from charging.models import Session, SessionDraft
from charging.queries.matching.what_if import HOURLY, what_if
from charging.services.driver import confirm_driver
from charging.services.matching.runs import match
from charging.services.sessions.drafts import MOST_ROWS, receive
from charging.services.sessions.importing import Upload, foresee_import
from charging.services.sessions.options import Options
from charging.tasks import import_session_draft
from ledger.api.idempotency import idempotent
from ledger.api.query import Query
from ledger.api.sent import Instant
from ledger.services.asking import ask


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
        responses={202: SessionFileSerializer, 200: SessionReportSerializer},
        summary="Send a file of charges",
    )
    @idempotent
    def post(self, request: Request) -> Response:
        """Takes a file of charges for its import: 202, and `Location` says where to ask for it.

        The same file twice is harmless. `dry_run` keeps nothing and is answered at once, of a
        long file for its first 50,000 rows.
        """
        sent = SessionUploadSerializer(data=request.data)
        sent.is_valid(raise_exception=True)
        given, now = sent.validated_data, timezone.now()
        upload = Upload(
            name=given["file"].name, data=read_all(given["file"]), sent_by=str(request.user)
        )
        options = Options(
            profile=given["profile"],
            area=given["area"],
            starts_at=given["starts_from"],
            ends_at=given["starts_before"],
            final=given["final"],
        )
        if given["dry_run"]:
            report = foresee_import(
                organisation=self.organisation,
                upload=upload,
                options=options,
                now=now,
                most_rows=MOST_ROWS,
            )
            return Response(report.as_json())
        draft = receive(organisation=self.organisation, upload=upload, options=options, now=now)
        transaction.on_commit(partial(ask, import_session_draft.si(draft.pk)), robust=True)
        place = reverse("api:session_file", args=[draft.pk])
        return Response(SessionFileSerializer(draft).data, status=202, headers={"Location": place})


class SessionFileDetail(OrganisationView):
    serializer_class = SessionFileSerializer
    queryset = SessionDraft.objects.none()
    scopes: ClassVar = {"GET": "sessions:read"}

    def visible(self) -> "QuerySet[Any]":
        return SessionDraft.objects.filter(organisation=self.organisation).select_related("file")

    @extend_schema(summary="How far the import of a file is")
    def get(self, request: Request, pk: int) -> Response:
        """And its report once it is done. Kept for a day."""
        return Response(SessionFileSerializer(self.find(pk=pk)).data)


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
    starts_from = Instant()
    starts_before = Instant()
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
