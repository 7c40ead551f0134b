"""Locations and tariffs with the energy mix that retirements prove; tokens, and may they charge."""

import uuid
from collections.abc import Sequence
from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from charging.api.ocpi.answers import taken
from charging.api.ocpi.base import OcpiView
from charging.api.ocpi.paging import page
from charging.domain.ocpi.document import read_object, write
from charging.domain.ocpi.validation import check, errors_of, in_words
from charging.errors import InvalidObject, UnknownChargingToken, UnknownSite
from charging.models import OcpiObject
from charging.models.sealing import unseal
from charging.queries.ocpi.energy_mix import mixes_of_locations, mixes_of_tariffs
from charging.queries.ocpi.objects import storage_name, visible
from charging.services.ocpi.parts import find_part

Module = OcpiObject.Module
ALLOWED, BLOCKED, NOT_ALLOWED = "ALLOWED", "BLOCKED", "NOT_ALLOWED"


class Locations(OcpiView):
    module = "locations"

    def get(self, request: Request, version: str) -> Response:
        """The locations that the caller may see, each with its derived energy mix."""
        rows = visible(self.organisation, Module.LOCATIONS, self.now)
        return page(self, rows, f"{version}/sender/locations", located)


class Location(OcpiView):
    module = "locations"

    def get(
        self, request: Request, version: str, uid: str, evse: str = "", connector: str = ""
    ) -> Response:
        """One location, or an EVSE or connector of it."""
        rows = visible(self.organisation, Module.LOCATIONS, self.now).filter(uid=uid.upper())
        row = rows.order_by("pk").first()
        if row is None:
            raise UnknownSite(f"No location {uid} is known here.")
        if not evse:
            return taken(now=self.now, data=located([row])[0])
        part = find_part(read_object(unseal(row.body)), (evse, connector) if connector else (evse,))
        if part is None:
            raise UnknownSite(f"Location {uid} has no {evse} {connector}".strip() + ".")
        return taken(now=self.now, data=write(part))


class Tariffs(OcpiView):
    module = "tariffs"

    def get(self, request: Request, version: str) -> Response:
        """The tariffs that the caller may see, each with its derived energy mix."""
        rows = visible(self.organisation, Module.TARIFFS, self.now)
        return page(self, rows, f"{version}/sender/tariffs", priced)


class Tokens(OcpiView):
    module = "tokens"

    def get(self, request: Request, version: str) -> Response:
        """The tokens that the caller may see."""
        rows = visible(self.organisation, Module.TOKENS, self.now)
        return page(
            self, rows, f"{version}/sender/tokens", lambda found: [unseal(r.body) for r in found]
        )


class Authorize(OcpiView):
    module = "tokens"

    def post(self, request: Request, version: str, uid: str) -> Response:
        """Whether a token may charge now, at a location where one is named."""
        kind = request.query_params.get("type", "RFID")[:40]
        rows = visible(self.organisation, Module.TOKENS, self.now)
        row = rows.filter(uid=storage_name(Module.TOKENS, uid, kind)).first()
        if row is None:
            raise UnknownChargingToken("This token is not known here.")
        token = read_object(unseal(row.body))
        answer: dict[str, Any] = {"allowed": ALLOWED if token["valid"] else BLOCKED, "token": token}
        if self.data.strip():
            answer["location"] = place = self._place(self.document, version)
            if answer["allowed"] == ALLOWED and place.get("evse_uids") == []:
                answer["allowed"] = NOT_ALLOWED
        if answer["allowed"] == ALLOWED:
            answer["authorization_reference"] = str(uuid.uuid4())
        else:
            answer.pop("location", None)
        return taken(now=self.now, data=write(answer))

    def _place(self, asked: dict[str, Any], version: str) -> dict[str, Any]:
        """The location asked about, with those of its EVSEs that are known."""
        wrong = errors_of(check("LocationReferences", asked, version))
        if wrong:
            raise InvalidObject(in_words(wrong))
        rows = visible(self.organisation, Module.LOCATIONS, self.now)
        row = rows.filter(uid=asked["location_id"].upper()).first()
        if row is None:
            raise UnknownSite(f"No location {asked['location_id']} is known here.")
        place: dict[str, Any] = {"location_id": asked["location_id"]}
        if asked.get("evse_uids"):
            location = read_object(unseal(row.body))
            known = [evse for evse in asked["evse_uids"] if find_part(location, (evse,))]
            place["evse_uids"] = known
        return place


def located(rows: Sequence[OcpiObject]) -> list[bytes]:
    """Locations as they are sent on."""
    mixes = mixes_of_locations(rows)
    return [_with_mix(row, mixes.get(row.pk)) for row in rows]


def priced(rows: Sequence[OcpiObject]) -> list[bytes]:
    """Tariffs as they are sent on."""
    mixes = mixes_of_tariffs(rows)
    return [_with_mix(row, mixes.get(row.pk)) for row in rows]


def _with_mix(row: OcpiObject, mix: dict[str, Any] | None) -> bytes:
    """The object with the proven mix; what its sender wrote there is not passed on."""
    document = read_object(unseal(row.body))
    document.pop("energy_mix", None)
    if mix is not None:
        document["energy_mix"] = mix
    return write(document)
