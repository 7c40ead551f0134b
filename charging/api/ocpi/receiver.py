"""Sessions, tariffs, tokens and locations, as their receiver."""

from typing import Any, ClassVar

from rest_framework.request import Request
from rest_framework.response import Response

from charging.api.ocpi.answers import taken
from charging.api.ocpi.base import OcpiView
from charging.domain.ocpi.document import read_object, write
from charging.domain.ocpi.validation import in_words
from charging.domain.party import PartyName
from charging.errors import UnknownSite
from charging.models import OcpiObject
from charging.services.ocpi import objects
from charging.services.ocpi.objects import Address, Kept
from charging.services.ocpi.parts import find_part, patch_part, put_part

Module = OcpiObject.Module
RFID = "RFID"


class ObjectView(OcpiView):
    """GET and PUT of one object under its sender's name."""

    kept_as: ClassVar[Module]

    def address(self, country: str, party: str, uid: str) -> Address:
        """Which object is meant."""
        return Address(self.kept_as, PartyName.of(country, party), uid)

    def get(self, request: Request, version: str, **name: str) -> Response:
        """The object as it stands."""
        where = self.address(**name)
        return taken(
            now=self.now, data=objects.read_back(connection=self.connection, address=where)
        )

    def put(self, request: Request, version: str, **name: str) -> Response:
        """Keep the object, in place of what was there."""
        where = self.address(**name)
        return self.answer(objects.put(sent=self.sent, address=where, document=self.document))

    def answer(self, kept: Kept) -> Response:
        """What came of it; faults that did not hinder are named."""
        words = in_words(list(kept.notices)) if kept.notices else ""
        return taken(now=self.now, is_new=kept.is_new, message=words)


class PatchedView(ObjectView):
    """Objects whose fields can be changed one by one."""

    def patch(self, request: Request, version: str, **name: str) -> Response:
        """Change the fields that are named."""
        where = self.address(**name)
        return self.answer(objects.patch(sent=self.sent, address=where, part=self.document))


class Session(PatchedView):
    module = "sessions"
    kept_as = Module.SESSIONS


class Tariff(ObjectView):
    module = "tariffs"
    kept_as = Module.TARIFFS

    def delete(self, request: Request, version: str, **name: str) -> Response:
        """Remove a tariff that is not used any more."""
        objects.remove(sent=self.sent, address=self.address(**name))
        return taken(now=self.now)


class Token(PatchedView):
    module = "tokens"
    kept_as = Module.TOKENS

    def address(self, country: str, party: str, uid: str) -> Address:
        kind = self.request.query_params.get("type", RFID)[:40]
        return Address(self.kept_as, PartyName.of(country, party), uid, kind)


class Location(PatchedView):
    module = "locations"
    kept_as = Module.LOCATIONS


class LocationPart(OcpiView):
    """An EVSE of a location, or a connector of an EVSE."""

    module = "locations"

    def get(self, request: Request, version: str, **name: Any) -> Response:
        """The EVSE or connector as it stands."""
        where, path = self._place(**name)
        body = objects.read_back(connection=self.connection, address=where)
        found = find_part(read_object(body), path)
        if found is None:
            raise UnknownSite(f"Location {where.uid} has no {'/'.join(path)}.")
        return taken(now=self.now, data=write(found))

    def put(self, request: Request, version: str, **name: Any) -> Response:
        """Put an EVSE or connector in place, or add it."""
        where, path = self._place(**name)
        return self._answer(
            put_part(sent=self.sent, address=where, path=path, document=self.document)
        )

    def patch(self, request: Request, version: str, **name: Any) -> Response:
        """Change fields of an EVSE or connector."""
        where, path = self._place(**name)
        return self._answer(
            patch_part(sent=self.sent, address=where, path=path, part=self.document)
        )

    def _answer(self, kept: Kept) -> Response:
        return taken(now=self.now, message=in_words(list(kept.notices)) if kept.notices else "")

    def _place(
        self, country: str, party: str, uid: str, evse: str, connector: str = ""
    ) -> tuple[Address, tuple[str, ...]]:
        where = Address(Module.LOCATIONS, PartyName.of(country, party), uid)
        return where, (evse, connector) if connector else (evse,)
