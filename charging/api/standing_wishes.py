"""Standing wishes: what all charges under a card, a contract or a tariff are to get first."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from certificates.api.base import ListView, OrganisationView
from charging.domain.matching.terms import Preference
from charging.domain.wishes import MOST, Wished
from charging.models import StandingWish
from charging.services.matching.standing_wishes import (
    LONGEST,
    Product,
    end_standing_wish,
    set_standing_wish,
)
from ledger.api.idempotency import idempotent
from ledger.api.sent import Instant, Sent


class PreferenceSerializer(Sent):
    """A supplier (slug), a source (EECS code), or both."""

    supplier = serializers.CharField(max_length=100, required=False, default="", allow_blank=True)
    source = serializers.CharField(  # type: ignore[assignment]
        max_length=20, required=False, default="", allow_blank=True
    )


class StandingWishSerializer(serializers.ModelSerializer[StandingWish]):
    first = serializers.BooleanField(source="green_tariff", read_only=True)
    order = PreferenceSerializer(many=True, source="preferences.order", default=[], read_only=True)
    strict = serializers.BooleanField(source="preferences.strict", default=False, read_only=True)

    class Meta:
        model = StandingWish
        fields = [
            "id", "kind", "name", "first", "order", "strict", "valid_from", "valid_to", "set_at",
        ]  # fmt: skip
        read_only_fields = fields


class NewStandingWishSerializer(Sent):
    """`party` issued a card (as in DE*ABC). `valid_from` is now where it is left out."""

    kind = serializers.ChoiceField(StandingWish.Kind.choices)
    uid = serializers.CharField(max_length=LONGEST)
    party = serializers.CharField(max_length=LONGEST, required=False, default="")
    first = serializers.BooleanField(default=False)
    order = serializers.ListField(
        child=PreferenceSerializer(), max_length=MOST, required=False, default=list
    )
    strict = serializers.BooleanField(default=False)
    valid_from = Instant(required=False)


class StandingWishEndSerializer(Sent):
    """The instant from which the wish holds no more; now where it is left out."""

    at = Instant(required=False)


class StandingWishList(ListView):
    serializer_class = StandingWishSerializer
    queryset = StandingWish.objects.none()
    scopes: ClassVar = {"GET": "sessions:read", "POST": "sessions:write"}

    def visible(self) -> "QuerySet[Any]":
        return StandingWish.objects.filter(organisation=self.organisation)

    @extend_schema(summary="Your standing wishes")
    def get(self, request: Request) -> Any:
        """What all charges under a card, a contract or a tariff wish; ended ones too."""
        return self.list(request)

    @extend_schema(
        request=NewStandingWishSerializer,
        responses={201: StandingWishSerializer},
        summary="Set a standing wish",
    )
    @idempotent
    def post(self, request: Request) -> Response:
        """From an instant on; the wish before it for the same product ends there."""
        sent = NewStandingWishSerializer(data=request.data)
        sent.is_valid(raise_exception=True)
        given, now = sent.validated_data, timezone.now()
        row = set_standing_wish(
            organisation=self.organisation,
            product=Product(given["kind"], given["uid"], given["party"]),
            wished=Wished(
                first=given["first"],
                order=tuple(Preference(**each) for each in given["order"]),
                strict=given["strict"],
            ),
            valid_from=given.get("valid_from", now),
            actor=request.user,
            now=now,
        )
        return Response(StandingWishSerializer(row).data, status=201)


class StandingWishEnd(OrganisationView):
    serializer_class = StandingWishEndSerializer
    scopes: ClassVar = {"POST": "sessions:write"}

    @extend_schema(
        request=StandingWishEndSerializer,
        responses=StandingWishSerializer,
        summary="End a standing wish",
    )
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        """Never in the past: charges may have been matched by it."""
        sent = StandingWishEndSerializer(data=request.data)
        sent.is_valid(raise_exception=True)
        now = timezone.now()
        row = end_standing_wish(
            organisation=self.organisation,
            number=pk,
            at=sent.validated_data.get("at", now),
            actor=request.user,
            now=now,
        )
        return Response(StandingWishSerializer(row).data)
