"""Certificates by number, for anyone."""

from dataclasses import asdict

from django.shortcuts import get_object_or_404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from certificates.api.serializers import DeviceSerializer
from certificates.queries.certificate_number import Certificate, look_up
from certificates.queries.external_ranges import origins
from certificates.queries.public_pages import public_devices
from ledger.api.query import Query


class CertificateDetail(APIView):
    authentication_classes = ()
    permission_classes = ()

    @extend_schema(summary="Certificate number k of a device", responses=OpenApiTypes.OBJECT)
    def get(self, request: Request, gsrn: str, number: int) -> Response:
        """The hours a megawatt-hour was made in, what was used of it, and who holds the rest."""
        Query.read(request)
        found = public_devices().select_related("organisation", "area")
        device = get_object_or_404(found, gsrn=gsrn)
        return Response(_public(look_up(device, number)))


def _public(certificate: Certificate) -> dict[str, object]:
    """Without the references of claims, which only the claimant may lift the veil of."""
    hours = []
    bundles = origins(hour.lot_id for hour in certificate.hours)
    for hour in certificate.hours:
        bundle = bundles.get(hour.lot_id)
        plain = asdict(hour) | {"external": asdict(bundle) if bundle else None}
        for stretch in plain["retired"]:
            del stretch["reference"], stretch["retirement_id"]
        hours.append(plain)
    return {
        "device": DeviceSerializer(certificate.device).data,
        "number": certificate.number,
        "stretch": asdict(certificate.stretch),
        "is_complete": certificate.is_complete,
        "issued_wh": certificate.issued_wh,
        "hours": hours,
    }
