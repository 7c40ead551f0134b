"""Offers of certificates: made, accepted, rejected, withdrawn."""

from collections.abc import Callable
from typing import Any, ClassVar

from django.db.models import Q, QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from certificates.api.acts import PickingActSerializer, picked
from certificates.api.base import DetailView, ListView, OrganisationView
from certificates.api.certificates import act_key, named
from certificates.models import Offer
from certificates.services.holding import bulk, offers
from ledger.api.idempotency import idempotent
from ledger.api.query import Query


class OfferSerializer(serializers.ModelSerializer[Offer]):
    """What one organisation offers another; until its end it lies apart."""

    source = serializers.SlugField(  # type: ignore[assignment]
        source="source.slug", read_only=True
    )
    destination = serializers.SlugField(source="destination.slug", read_only=True)

    class Meta:
        model = Offer
        fields = [
            "id",
            "source",
            "destination",
            "status",
            "lots",
            "amount_wh",
            "moved_wh",
            "message",
            "offered_at",
            "lapses_at",
            "ended_at",
        ]
        read_only_fields = fields


class NewOfferSerializer(PickingActSerializer):
    """Certificates of your own and who may take them; without `lapses_at` it stays open."""

    reason = None  # type: ignore[assignment]  # the message says it
    to = serializers.SlugField(max_length=50)
    lapses_at = serializers.DateTimeField(required=False)
    message = serializers.CharField(required=False, max_length=500)


class OfferQuery(Query):
    status = serializers.ChoiceField(Offer.Status.choices, required=False)


class Offers(OrganisationView):
    """Offers that the organisation made or got."""

    serializer_class = OfferSerializer
    queryset = Offer.objects.none()
    scopes: ClassVar = {"GET": "certificates:read", "POST": "certificates:write"}

    def visible(self) -> "QuerySet[Any]":
        own = Q(source=self.organisation) | Q(destination=self.organisation)
        return Offer.objects.filter(own).select_related("source", "destination", "sub_account")


class OfferList(Offers, ListView):
    query_class = OfferQuery

    @extend_schema(parameters=[OfferQuery], summary="Offers you made or got")
    def get(self, request: Request) -> Any:
        return self.list(request)

    @extend_schema(
        request=NewOfferSerializer, responses={201: OfferSerializer}, summary="Offer certificates"
    )
    @idempotent
    def post(self, request: Request) -> Response:
        """All lines or none; what is offered lies apart until the offer ends."""
        Query.read(request)
        sent = NewOfferSerializer(data=request.data)
        sent.is_valid(raise_exception=True)
        given = sent.validated_data
        terms = bulk.Terms(
            named(given["to"], "to"), given.get("lapses_at"), given.get("message", "")
        )
        made = bulk.offer(
            holder=self.organisation,
            picked=picked(given),
            terms=terms,
            key=act_key(self.organisation, request),
            now=timezone.now(),
            actor=self.caller,
        )
        return Response(OfferSerializer(made).data, status=201)


class OfferDetail(Offers, DetailView):
    @extend_schema(summary="One offer")
    def get(self, request: Request, pk: int) -> Response:
        return Response(OfferSerializer(self.find(pk=pk)).data)


class OfferEnd(Offers):
    """One side ends an offer."""

    scopes: ClassVar = {"POST": "certificates:write"}
    end: ClassVar[Callable[..., Offer]]

    @extend_schema(request=None, responses=OfferSerializer)
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        """Twice is as once; what the other side did before is said."""
        ended = type(self).end(
            offer=self.find(pk=pk), by=self.organisation, now=timezone.now(), actor=self.caller
        )
        return Response(OfferSerializer(ended).data)


class OfferAccept(OfferEnd):
    end = staticmethod(offers.accept)


class OfferReject(OfferEnd):
    end = staticmethod(offers.reject)


class OfferWithdraw(OfferEnd):
    end = staticmethod(offers.withdraw)
