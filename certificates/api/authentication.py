"""Machines show an API key: `Authorization: Bearer rer_...`."""

from dataclasses import dataclass
from typing import Any

from django.utils import timezone
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework import exceptions
from rest_framework.authentication import BaseAuthentication
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from certificates.errors import ApiKeyRefused
from certificates.models import ApiKey, Organisation
from certificates.services.api_keys import authenticate

WORD = "Bearer"


@dataclass(frozen=True, slots=True)
class Caller:
    """The organisation that a request acts for, and the key it showed."""

    organisation: Organisation
    key: ApiKey
    is_authenticated: bool = True

    @property
    def scope(self) -> str:
        """Whose idempotency keys these are."""
        return str(self.organisation.pk)

    @property
    def pk(self) -> int:
        return self.key.pk

    def __str__(self) -> str:
        return f"{self.organisation.slug} by API key {self.key.key_id}"


class ApiKeyAuthentication(BaseAuthentication):
    """Reads the bearer key; without one a request is anonymous."""

    def authenticate(self, request: Request) -> tuple[Caller, ApiKey] | None:
        word, _, secret = request.headers.get("Authorization", "").partition(" ")
        if not word:
            return None
        if word.lower() != WORD.lower():
            raise exceptions.AuthenticationFailed(f"Send the API key as: {WORD} <key>.")
        try:
            key = authenticate(secret=secret.strip(), now=timezone.now())
        except ApiKeyRefused as error:
            raise exceptions.AuthenticationFailed(str(error)) from error
        return Caller(key.organisation, key), key

    def authenticate_header(self, request: Request) -> str:
        return WORD


class HasScope(BasePermission):
    """The key must carry the scope that the view names for the method."""

    def has_permission(self, request: Request, view: Any) -> bool:
        if not isinstance(request.user, Caller):
            return False
        needed = view.scopes.get("GET" if request.method in ("HEAD", "OPTIONS") else request.method)
        if needed is None:  # the method does not exist here: 405 follows
            return True
        if needed in request.user.key.scopes:
            return True
        raise exceptions.PermissionDenied(f"This API key lacks the scope {needed}.")


class ApiKeyScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """How the schema describes the key."""

    target_class = ApiKeyAuthentication
    name = "apiKey"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer", "bearerFormat": "rer_<id>_<secret>"}
