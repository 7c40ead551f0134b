"""With whom the organisation trades."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from certificates.api.base import ListView, OrganisationView
from certificates.api.certificates import named
from certificates.domain.counterparties import RULES
from certificates.models import Counterparty
from certificates.services.holding.counterparties import set_rule
from ledger.api.idempotency import idempotent
from ledger.api.query import Query
from ledger.api.sent import Sent, refuse_body


class CounterpartySerializer(serializers.ModelSerializer[Counterparty]):
    """Who has allowed anybody trades with those alone; whoever is denied is refused."""

    other = serializers.SlugField(source="other.slug", max_length=50)
    rule = serializers.ChoiceField(RULES)

    class Meta:
        model = Counterparty
        fields = ["other", "rule", "noted_at"]
        read_only_fields = ["noted_at"]


class NewCounterpartySerializer(Sent):
    """An organisation, by its short name, and what it is to you from now on."""

    other = serializers.SlugField(max_length=50)
    rule = serializers.ChoiceField(RULES)


class CounterpartyQuery(Query):
    rule = serializers.ChoiceField(RULES, required=False)


class Counterparties(OrganisationView):
    serializer_class = CounterpartySerializer
    queryset = Counterparty.objects.none()
    scopes: ClassVar = {"GET": "certificates:read", "POST": "certificates:write"}

    def visible(self) -> "QuerySet[Any]":
        return self.organisation.counterparties.select_related("other")


class CounterpartyList(Counterparties, ListView):
    query_class = CounterpartyQuery

    @extend_schema(parameters=[CounterpartyQuery], summary="Whom you allowed and denied")
    def get(self, request: Request) -> Any:
        return self.list(request)

    @extend_schema(
        request=NewCounterpartySerializer,
        responses=CounterpartySerializer,
        summary="Allow or deny an organisation",
    )
    @idempotent
    def post(self, request: Request) -> Response:
        """Counts for what is done from now on; another rule takes the place of the first."""
        Query.read(request)
        sent = NewCounterpartySerializer(data=request.data)
        sent.is_valid(raise_exception=True)
        other = named(sent.validated_data["other"], "other")
        set_rule(
            organisation=self.organisation,
            other=other,
            rule=sent.validated_data["rule"],
            now=timezone.now(),
            actor=self.caller,
        )
        return Response(CounterpartySerializer(self.find(other=other)).data)


class CounterpartyRemove(Counterparties):
    scopes: ClassVar = {"POST": "certificates:write"}

    @extend_schema(request=None, responses={204: None}, summary="Take an organisation off the list")
    @idempotent
    def post(self, request: Request, other: str) -> Response:
        """Twice is as once; who is on no list is neither allowed nor denied."""
        Query.read(request)
        refuse_body(request)
        set_rule(
            organisation=self.organisation,
            other=named(other, "other"),
            rule="",
            now=timezone.now(),
            actor=self.caller,
        )
        return Response(status=204)
