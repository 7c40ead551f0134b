"""Lots and retirements."""

from collections.abc import Sequence
from typing import Any, ClassVar

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from certificates.api.base import DetailView, ListView, PeriodQuery
from certificates.api.serializers import LotSerializer, RetirementSerializer
from certificates.models import Lot, Retirement
from certificates.queries.plants.ownership import had_by
from ledger.api.query import Query


class LotQuery(PeriodQuery):
    device = serializers.RegexField(r"^[0-9]{18}$", required=False)


class LotList(ListView):
    serializer_class = LotSerializer
    queryset = Lot.objects.none()
    query_class = LotQuery
    lookups: ClassVar = {
        "device": "device__gsrn",
        "starts_from": "starts_at__gte",
        "starts_before": "starts_at__lt",
    }
    scopes: ClassVar = {"GET": "certificates:read"}

    def order(self) -> Sequence[str]:
        """By time where a time or a device is asked, which the indices find."""
        return ("starts_at", "pk") if LotQuery.read(self.request) else ("pk",)

    def visible(self) -> "QuerySet[Any]":
        own = Lot.objects.standing().filter(had_by(self.organisation))
        return own.select_related("device")

    def details(self) -> "QuerySet[Any]":
        return Lot.objects.all()

    @extend_schema(parameters=[LotQuery], summary="Lots of your devices")
    def get(self, request: Request) -> Any:
        return self.list(request)


class LotDetail(DetailView):
    serializer_class = LotSerializer
    queryset = Lot.objects.none()
    scopes: ClassVar = {"GET": "certificates:read"}

    def visible(self) -> "QuerySet[Any]":
        own = Lot.objects.standing().filter(had_by(self.organisation))
        return own.select_related("device", "generated_by")

    @extend_schema(summary="One lot")
    def get(self, request: Request, code: str) -> Response:
        return Response(LotSerializer(self.find(code=code)).data)


class RetirementQuery(Query):
    reference = serializers.CharField(required=False, max_length=200)


class RetirementList(ListView):
    serializer_class = RetirementSerializer
    queryset = Retirement.objects.none()
    query_class = RetirementQuery
    scopes: ClassVar = {"GET": "certificates:read"}

    def visible(self) -> "QuerySet[Any]":
        own = Retirement.objects.standing().filter(claimant=self.organisation)
        return own.select_related("lot__device", "claimant")

    @extend_schema(parameters=[RetirementQuery], summary="What you retired")
    def get(self, request: Request) -> Any:
        return self.list(request)


class RetirementDetail(DetailView):
    serializer_class = RetirementSerializer
    queryset = Retirement.objects.none()
    scopes: ClassVar = {"GET": "certificates:read"}

    def visible(self) -> "QuerySet[Any]":
        own = Retirement.objects.standing().filter(claimant=self.organisation)
        return own.select_related("lot__device", "claimant")

    @extend_schema(summary="One retirement")
    def get(self, request: Request, pk: int) -> Response:
        return Response(RetirementSerializer(self.find(pk=pk)).data)
