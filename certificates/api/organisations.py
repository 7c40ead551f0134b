"""Organisations: whom a short name stands for, and registering more, for registrars."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from certificates.api.base import DetailView, ListView, OrganisationView
from certificates.errors import RoleMissing
from certificates.models import Organisation, Role
from certificates.services.organisations import register_organisation
from ledger.api.idempotency import idempotent
from ledger.api.query import Query
from ledger.api.sent import Sent


class OrganisationSerializer(serializers.ModelSerializer[Organisation]):
    """`slug` is the short name by which others trade with it."""

    class Meta:
        model = Organisation
        fields = ["name", "slug", "registered_at"]
        read_only_fields = fields


class NewOrganisationSerializer(Sent):
    """A name, a short name that never changes, and what the organisation does."""

    name = serializers.CharField(max_length=200)
    slug = serializers.SlugField(max_length=50)
    roles = serializers.ListField(child=serializers.ChoiceField(Role.choices), min_length=1)


class OrganisationDetail(DetailView):
    serializer_class = OrganisationSerializer
    queryset = Organisation.objects.none()
    scopes: ClassVar = {"GET": "certificates:read"}

    def visible(self) -> "QuerySet[Any]":
        return Organisation.objects.all()

    @extend_schema(summary="Whom a short name stands for")
    def get(self, request: Request, slug: str) -> Response:
        return Response(OrganisationSerializer(self.find(slug=slug)).data)


class RegistrarView(OrganisationView):
    """For registrars alone."""

    serializer_class: type[serializers.Serializer[Any]] = OrganisationSerializer
    queryset: QuerySet[Any] = Organisation.objects.none()
    scopes: ClassVar = {"GET": "registry:write", "POST": "registry:write"}

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        if not self.organisation.roles.filter(role=Role.REGISTRAR).exists():
            raise RoleMissing("Only a registrar may do this.")

    def visible(self) -> "QuerySet[Any]":
        return Organisation.objects.all()


class OrganisationList(RegistrarView, ListView):
    @extend_schema(summary="Every organisation")
    def get(self, request: Request) -> Any:
        return self.list(request)

    @extend_schema(
        request=NewOrganisationSerializer,
        responses={201: OrganisationSerializer},
        summary="Register an organisation",
    )
    @idempotent
    def post(self, request: Request) -> Response:
        """Opens its account; the same name and short name again add the roles."""
        Query.read(request)
        sent = NewOrganisationSerializer(data=request.data)
        sent.is_valid(raise_exception=True)
        made = register_organisation(
            **sent.validated_data, now=timezone.now(), actor=str(self.caller)
        )
        return Response(OrganisationSerializer(made).data, status=201)
