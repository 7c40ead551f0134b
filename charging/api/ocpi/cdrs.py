"""CDRs, as their receiver."""

import logging
from datetime import datetime
from functools import partial
from time import monotonic
from urllib.parse import quote

from django.db import transaction
from kombu.exceptions import OperationalError as QueueError
from rest_framework.request import Request
from rest_framework.response import Response

from charging.api.ocpi.answers import taken
from charging.api.ocpi.authentication import RememberingAuthentication
from charging.api.ocpi.base import OcpiView, address_of
from charging.domain.pace import Pace
from charging.domain.party import PartyName
from charging.errors import UnknownObject
from charging.models.sealing import unseal
from charging.services.matching.claimants import party_named
from charging.services.ocpi.cdrs import cdrs_named, receive_cdr
from charging.tasks import place_cdrs

PACE = Pace(at_once=50)  # CDRs of a connection in a second; more are answered before they count
PATIENCE_S = 1.5  # from the first of a burst's second to the round that places all of it

logger = logging.getLogger(__name__)


class Cdrs(OcpiView):
    module = "cdrs"
    authentication_classes = (RememberingAuthentication,)

    def post(self, request: Request, version: str) -> Response:
        """Take a CDR; `Location` says where it can be read back."""
        sender = self.connection.pk
        with PACE.turn(sender, self.now, monotonic) as in_burst:
            received = receive_cdr(sent=self.sent, document=self.document, in_burst=in_burst)
        if received.is_waiting and PACE.is_time(sender, self.now):
            transaction.on_commit(partial(_ask_for_places, sender, self.now), robust=True)
        party = received.party
        name = f"{party.country_code}/{party.party_id}/{quote(received.uid, safe='')}"
        where = {"Location": address_of(f"{version}/cdrs/{name}")}
        message = f"Held: {received.hold}." if received.hold else ""
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


def _ask_for_places(sender: int, now: datetime) -> None:
    try:
        place_cdrs.apply_async(countdown=PATIENCE_S, retry=False)
    except QueueError as error:
        PACE.was_in_vain(sender, now)
        logger.warning("the queue cannot be reached; the sweep will place what came: %s", error)
