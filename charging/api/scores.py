"""A charging company's public score: whether it is shown, and showing it or taking it back."""

from typing import ClassVar

from django.http import Http404
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from certificates.api.base import OrganisationView
from charging.models import PublishedScore
from charging.queries.company.published_scores import in_force
from charging.services.published_scores import publish, withdraw
from ledger.api.idempotency import idempotent
from ledger.api.query import Query


class PublishedScoreSerializer(serializers.ModelSerializer[PublishedScore]):
    class Meta:
        model = PublishedScore
        fields = ["published_at", "withdrawn_at"]
        read_only_fields = fields


class PublicScore(OrganisationView):
    """The key needs a scope of its own: who sends sessions does not speak for the company."""

    serializer_class = PublishedScoreSerializer
    pagination_class = None  # type: ignore[assignment]
    scopes: ClassVar = {"GET": "sessions:read", "POST": "score:write", "DELETE": "score:write"}

    @extend_schema(summary="Since when your score is shown")
    def get(self, request: Request) -> Response:
        """404 where it is not."""
        Query.read(request)
        row = in_force(self.organisation)
        if row is None:
            raise Http404
        return Response(PublishedScoreSerializer(row).data)

    @extend_schema(request=None, summary="Show your score to everyone")
    @idempotent
    def post(self, request: Request) -> Response:
        """From now on, at /score/NAME/. Twice is as once."""
        row = publish(organisation=self.organisation, actor=request.user, now=timezone.now())
        return Response(PublishedScoreSerializer(row).data)

    @extend_schema(request=None, responses={204: None}, summary="Take your score back")
    @idempotent
    def delete(self, request: Request) -> Response:
        """It answers 410 from then on; that it was shown stays on record."""
        withdraw(organisation=self.organisation, actor=request.user, now=timezone.now())
        return Response(status=204)
