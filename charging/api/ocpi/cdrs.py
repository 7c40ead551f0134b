"""CDRs, as their receiver."""

from urllib.parse import quote

from rest_framework.request import Request
from rest_framework.response import Response

from charging.api.ocpi.answers import taken
from charging.api.ocpi.base import OcpiView, address_of
from charging.domain.ocpi.charge import PartyName
from charging.errors import UnknownObject
from charging.models.sealing import unseal
from charging.services.claimants import party_named
from charging.services.ocpi_cdrs import cdrs_named, receive_cdr


class Cdrs(OcpiView):
    module = "cdrs"

    def post(self, request: Request, version: str) -> Response:
        """Take a CDR; `Location` says where it can be read back."""
        received = receive_cdr(sent=self.sent, document=self.document)
        cdr = received.cdr
        name = f"{cdr.party.country_code}/{cdr.party.party_id}/{quote(cdr.uid, safe='')}"
        where = {"Location": address_of(f"{version}/cdrs/{name}")}
        message = f"Held: {cdr.get_hold_display()}." if cdr.hold else ""
        return taken(now=self.now, is_new=received.is_new, message=message, headers=where)


class Cdr(OcpiView):
    module = "cdrs"

    def get(self, request: Request, version: str, country: str, party: str, uid: str) -> Response:
        """A CDR as it came, byte for byte, for whoever sent it or may claim it."""
        owner = party_named(PartyName.of(country, party))
        row = cdrs_named(owner, uid).select_related("connection").first() if owner else None
        own = self.organisation.pk
        if row is None or owner is None or own not in (
            owner.organisation_id, row.claimant_id, row.connection.organisation_id
        ):  # fmt: skip
            raise UnknownObject(f"No CDR {uid} is known here.")
        return taken(now=self.now, data=unseal(row.body))
