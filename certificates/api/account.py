"""The caller's own account."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from certificates.api.base import DetailView, ListView, OrganisationView
from certificates.models import Notice, Organisation, Role
from certificates.queries.holding.holdings import held_by_state
from ledger.api.query import Query


class HeldSerializer(serializers.Serializer[Any]):
    """Wh of certificates by their state."""

    active = serializers.IntegerField()
    reserved = serializers.IntegerField()
    locked = serializers.IntegerField()


class AccountSerializer(serializers.Serializer[Any]):
    """Who the key acts for; `slug` is the short name that others transfer to."""

    name = serializers.CharField()
    slug = serializers.SlugField()
    roles = serializers.ListField(child=serializers.ChoiceField(Role.choices))
    registered_at = serializers.DateTimeField()


class NoticeSerializer(serializers.ModelSerializer[Notice]):
    """What the registry told you of acts that were not your own."""

    class Meta:
        model = Notice
        fields = ["id", "kind", "message", "amount_wh", "sent_at"]
        read_only_fields = fields


class NoticeQuery(Query):
    kind = serializers.ChoiceField(Notice.Kind.choices, required=False)


class Account(DetailView):
    serializer_class = AccountSerializer
    scopes: ClassVar = {"GET": "certificates:read"}

    def visible(self) -> "QuerySet[Any]":
        return Organisation.objects.filter(pk=self.organisation.pk)

    @extend_schema(summary="Your account")
    def get(self, request: Request) -> Response:
        """Your organisation and its roles."""
        own = self.find()
        facts = {
            "name": own.name,
            "slug": own.slug,
            "roles": sorted(own.roles.values_list("role", flat=True)),
            "registered_at": own.registered_at,
        }
        return Response(AccountSerializer(facts).data)


class AccountHeld(OrganisationView):
    serializer_class = HeldSerializer
    scopes: ClassVar = {"GET": "certificates:read"}

    def visible(self) -> "QuerySet[Any]":
        return Organisation.objects.filter(pk=self.organisation.pk)

    @extend_schema(summary="What your account holds")
    def get(self, request: Request) -> Response:
        """Wh of certificates in each state, added up at once."""
        return Response(HeldSerializer(held_by_state(self.find())).data)


class NoticeList(ListView):
    serializer_class = NoticeSerializer
    queryset = Notice.objects.none()
    query_class = NoticeQuery
    scopes: ClassVar = {"GET": "certificates:read"}

    def visible(self) -> "QuerySet[Any]":
        return self.organisation.notices.all()

    @extend_schema(parameters=[NoticeQuery], summary="What you were told")
    def get(self, request: Request) -> Any:
        """Offers, answers, withdrawals, debts and ends of terms, the latest first."""
        return self.list(request)
