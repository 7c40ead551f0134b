"""Versions, their endpoints, and the handshake."""

from typing import Any

from django.conf import settings
from rest_framework.request import Request
from rest_framework.response import Response

from charging.api.ocpi.answers import taken
from charging.api.ocpi.base import OcpiView, address_of
from charging.domain.ocpi.document import write
from charging.domain.ocpi.objects import VERSIONS
from charging.services.ocpi.connections import connect, disconnect

SENDER, RECEIVER = "SENDER", "RECEIVER"
MODULES = (
    ("credentials", RECEIVER, "credentials"),
    ("cdrs", RECEIVER, "cdrs"),
    ("sessions", RECEIVER, "sessions"),
    ("locations", RECEIVER, "locations"),
    ("tariffs", RECEIVER, "tariffs"),
    ("tokens", RECEIVER, "tokens"),
    ("locations", SENDER, "sender/locations"),
    ("tariffs", SENDER, "sender/tariffs"),
    ("tokens", SENDER, "sender/tokens"),
)
# It is sent charges like an eMSP, and is none; so it says both.
ROLES = ("EMSP", "OTHER")
NAME = "Renewable energy registry"


class Versions(OcpiView):
    module = "versions"
    open_to_invited = True

    def get(self, request: Request) -> Response:
        """The versions spoken here."""
        rows = [{"version": version, "url": address_of(version)} for version in VERSIONS]
        return taken(now=self.now, data=write(rows))


class VersionDetails(OcpiView):
    module = "versions"
    open_to_invited = True

    def get(self, request: Request, version: str) -> Response:
        """Where each module of a version is."""
        endpoints = [
            {"identifier": module, "role": role, "url": address_of(f"{version}/{path}")}
            for module, role, path in MODULES
        ]
        return taken(now=self.now, data=write({"version": version, "endpoints": endpoints}))


class Credentials(OcpiView):
    module = "credentials"
    open_to_invited = True

    def get(self, request: Request, version: str) -> Response:
        """The registry's credentials, with the token that was just used."""
        return taken(now=self.now, data=write(ours(version, str(request.auth))))

    def post(self, request: Request, version: str) -> Response:
        """Register: the other side's credentials for ours. Token A is dead afterwards."""
        return self._exchange(version, rotate=False)

    def put(self, request: Request, version: str) -> Response:
        """Replace both sides' tokens, or the version spoken."""
        return self._exchange(version, rotate=True)

    def delete(self, request: Request, version: str) -> Response:
        """End the connection."""
        disconnect(sent=self.sent)
        return taken(now=self.now)

    def _exchange(self, version: str, *, rotate: bool) -> Response:
        token = connect(sent=self.sent, credentials=self.document, rotate=rotate)
        return taken(now=self.now, data=write(ours(version, token)))


def ours(version: str, token: str) -> dict[str, Any]:
    """The registry's credentials object."""
    country, _, party = settings.OCPI_PARTY.partition("*")
    roles = [
        {
            "role": role,
            "party_id": party,
            "country_code": country,
            "business_details": {"name": NAME, "website": settings.PUBLIC_URL},
        }
        for role in ROLES
    ]
    return {"token": token, "url": address_of("versions"), "roles": roles}
