"""Receipts, for whoever holds the link."""

from dataclasses import asdict
from typing import Any

from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from charging.errors import LinkRevoked
from charging.queries.receipts.receipt import receipt
from ledger.api.query import Query

KEPT_PRIVATE = {
    "Cache-Control": "private, max-age=0, must-revalidate",
    "X-Robots-Tag": "noindex, nofollow, noarchive",
    "Referrer-Policy": "no-referrer",
}


class ReceiptDetail(APIView):
    authentication_classes = ()
    permission_classes = ()

    @extend_schema(summary="A receipt by its link's id", responses=OpenApiTypes.OBJECT)
    def get(self, request: Request, public_id: str) -> Response:
        """Everything the receipt's page says, as of now. 410 once the link was revoked."""
        Query.read(request)
        facts = receipt(public_id, timezone.now())
        if facts.link_revoked:
            raise LinkRevoked("The link to this receipt was revoked. Ask for the new one.")
        body: dict[str, Any] = asdict(facts)
        return Response(body, headers=KEPT_PRIVATE)
