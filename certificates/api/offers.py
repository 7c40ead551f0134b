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
from certificates.api.certificates import HeldList, act_key, named
from certificates.models import Offer, Organisation
from certificates.services.holding import bulk, offers
from ledger.api.idempotency import idempotent
from ledger.api.query import Query
from ledger.api.sent import Instant, Sent, refuse_body
from ledger.models import Balance


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
    lapses_at = Instant(required=False)
    message = serializers.CharField(required=False, max_length=500)


class OfferQuery(Query):
    status = serializers.ChoiceField(Offer.Status.choices, required=False)


class AcceptOfferSerializer(Sent):
    """Nothing, or the Wh left of the offer as you saw them: with less, it is not accepted."""

    amount_wh = serializers.IntegerField(required=False, min_value=1)


def offers_of(organisation: Organisation) -> "QuerySet[Offer]":
    """Offers that an organisation made or got."""
    own = Q(source=organisation) | Q(destination=organisation)
    return Offer.objects.filter(own).select_related("source", "destination", "sub_account")


class Offers(OrganisationView):
    """Offers that the organisation made or got."""

    serializer_class = OfferSerializer
    queryset = Offer.objects.none()
    scopes: ClassVar = {"GET": "certificates:read", "POST": "certificates:write"}

    def visible(self) -> "QuerySet[Any]":
        return offers_of(self.organisation)


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


class OfferCertificates(HeldList):
    """What lies in an offer."""

    def own(self) -> "QuerySet[Any]":
        offer = offers_of(self.organisation).filter(pk=self.kwargs["pk"]).first() or self.absent()
        return Balance.objects.filter(account=offer.sub_account.account_id, amount__gt=0)

    @extend_schema(summary="Certificates of an open offer")
    def get(self, request: Request, pk: int) -> Any:
        """What is left of it; nothing once it has ended."""
        return self.list(request)


class OfferEnd(Offers):
    """One side ends an offer."""

    scopes: ClassVar = {"POST": "certificates:write"}
    serializer_class = OfferSerializer

    def ended(self, end: Callable[..., Offer], request: Request, pk: int, **more: Any) -> Response:
        """The offer once this side has ended it."""
        Query.read(request)
        offer = end(
            offer=self.find(pk=pk),
            by=self.organisation,
            now=timezone.now(),
            actor=self.caller,
            **more,
        )
        return Response(OfferSerializer(offer).data)


class OfferAccept(OfferEnd):
    @extend_schema(
        request=AcceptOfferSerializer, responses=OfferSerializer, summary="Accept an offer"
    )
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        """Its certificates are yours, by the receiver. Twice is as once."""
        sent = AcceptOfferSerializer(data=request.data)
        sent.is_valid(raise_exception=True)
        seen_wh = sent.validated_data.get("amount_wh")
        return self.ended(offers.accept, request, pk, seen_wh=seen_wh)


class OfferReject(OfferEnd):
    @extend_schema(request=None, responses=OfferSerializer, summary="Reject an offer")
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        """Its certificates go back, by the receiver. Twice is as once."""
        refuse_body(request)
        return self.ended(offers.reject, request, pk)


class OfferWithdraw(OfferEnd):
    @extend_schema(request=None, responses=OfferSerializer, summary="Withdraw an offer")
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        """Its certificates are free again, by who offered them. Twice is as once."""
        refuse_body(request)
        return self.ended(offers.withdraw, request, pk)
