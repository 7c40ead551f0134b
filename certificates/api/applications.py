"""Plants and storage that wait for the registry's decision, for registrars."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from certificates.api.base import ListView
from certificates.api.organisations import RegistrarView
from certificates.api.serializers import DeviceSerializer
from certificates.models import Device
from certificates.services.plants import applications as plant_applications
from ledger.api.idempotency import idempotent
from ledger.api.sent import Sent, refuse_body


class SendBackSerializer(Sent):
    """What is to be changed; the owner reads it."""

    reason = serializers.CharField(max_length=plant_applications.LONGEST_REASON)


class Applications(RegistrarView):
    """Devices of any owner."""

    serializer_class = DeviceSerializer
    queryset = Device.objects.none()
    scopes: ClassVar = {"GET": "registry:write", "POST": "registry:write"}

    def visible(self) -> "QuerySet[Any]":
        return Device.objects.select_related("organisation", "area")


class ApplicationList(Applications, ListView):
    def get_queryset(self) -> "QuerySet[Any]":
        return super().get_queryset().filter(status=Device.Status.SUBMITTED)

    @extend_schema(summary="Devices that wait for approval")
    def get(self, request: Request) -> Any:
        """Of every owner, the latest first."""
        return self.list(request)


class ApplicationApprove(Applications):
    @extend_schema(request=None, responses=DeviceSerializer, summary="Approve a device")
    @idempotent
    def post(self, request: Request, gsrn: str) -> Response:
        """From now on its readings become certificates; only what was handed in can be."""
        refuse_body(request)
        approved = plant_applications.approve(
            device=self.find(gsrn=gsrn), now=timezone.now(), actor=self.caller
        )
        return Response(DeviceSerializer(self.find(pk=approved.pk)).data)


class ApplicationSendBack(Applications):
    @extend_schema(
        request=SendBackSerializer, responses=DeviceSerializer, summary="Send a device back"
    )
    @idempotent
    def post(self, request: Request, gsrn: str) -> Response:
        """Asks the owner for other facts, which `PATCH devices/{gsrn}/` hands in again."""
        sent = SendBackSerializer(data=request.data)
        sent.is_valid(raise_exception=True)
        returned = plant_applications.send_back(
            device=self.find(gsrn=gsrn),
            reason=sent.validated_data["reason"],
            now=timezone.now(),
            actor=self.caller,
        )
        return Response(DeviceSerializer(self.find(pk=returned.pk)).data)
