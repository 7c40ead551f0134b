"""The charges that are known of an operator, as rows of a file are held against them."""

from certificates.models import Organisation
from charging.domain.local_time import to_seconds
from charging.domain.session_rows import Charge
from charging.models import Session

Place = tuple[str, str, int, int, int]  # charger, connector, start, end, Wh


def known_charges(operator: Organisation) -> dict[str, bytes]:
    """Content hashes of an operator's sessions from files, by id."""
    rows = Session.objects.filter(
        operator=operator, country_code="", party_id="", voided_at__isnull=True
    )
    return {
        uid.upper(): bytes(content)
        for uid, content in rows.values_list("uid", "content_hash").iterator(chunk_size=10_000)
    }


def place_of(charge: Charge) -> Place:
    """What two rows of one charge have in common whatever their ids."""
    connector = charge.connector.upper()[:36]
    return charge.charger.upper(), connector, charge.started, charge.ended, charge.energy_wh


def charges_by_place(operator: Organisation) -> dict[Place, str]:
    """The ids of an operator's charges by charge point, connector, times and energy."""
    rows = Session.objects.filter(operator=operator, voided_at__isnull=True)
    columns = ("evse__uid", "connector", "started_at", "ended_at", "energy_wh", "uid")
    return {
        (evse.upper(), connector.upper(), to_seconds(start), to_seconds(end), wh): uid
        for evse, connector, start, end, wh, uid in rows.values_list(*columns).iterator(
            chunk_size=10_000
        )
    }


def charges_by_ocpi(operator: Organisation) -> set[tuple[str, int]]:
    """(charge point in capitals, start) of an operator's charges that came by OCPI."""
    rows = Session.objects.filter(operator=operator).exclude(country_code="")
    return {
        (evse.upper(), to_seconds(start))
        for evse, start in rows.values_list("evse__uid", "started_at").iterator(chunk_size=10_000)
    }
