"""Sites and charge points by their names in OCPI; new ones are made."""

from datetime import datetime

from django.db import transaction
from django.db.models.functions import Upper

from certificates.models import Area, Organisation
from charging.domain.ocpi.charge import ChargeFacts, Site
from charging.errors import UnknownObject
from charging.models import Evse, Location, Party
from charging.queries.areas import Areas
from ledger.services import audit


def find_site(party: Party, uid: str) -> Location | None:
    """The party's site of this id, in any case."""
    rows = Location.objects.select_related("area").alias(name_upper=Upper("uid"))
    return rows.filter(party=party, name_upper=uid.upper()).first()


def site_of(party: Party, site: Site, *, is_news: bool = False) -> Location:
    """The site, made where it is new; `is_news` brings an old one up to date."""
    facts = {
        "name": site.name[:200],
        "country": site.country,
        "latitude": site.latitude,
        "longitude": site.longitude,
    }
    row = find_site(party, site.uid)
    if row is None:
        return Location.objects.create(
            operator=party.organisation, party=party, uid=site.uid, **facts
        )
    if is_news and any(getattr(row, name) != value for name, value in facts.items()):
        Location.objects.filter(pk=row.pk).update(**facts)
        row.refresh_from_db()
    return row


def evse_of(location: Location, uid: str) -> Evse:
    """The charge point of this id at a site, in any case, made where it is new."""
    row = Evse.objects.filter(location=location, uid__iexact=uid).first()
    return row or Evse.objects.create(location=location, uid=uid)


def location_of(party: Party, charge: ChargeFacts) -> Location | None:
    """Where a charge was; None where only an id is known that nobody explained yet."""
    if charge.site is not None:
        return site_of(party, charge.site)
    return find_site(party, charge.location_uid)


@transaction.atomic
def set_area(
    *, operator: Organisation, name: str, code: str, actor: object, now: datetime
) -> list[Location]:
    """Enter the area of an operator's site, by its id or name; its held charges follow.

    Raises: UnknownArea, UnknownObject.
    """
    area: Area | None = None
    Areas().check_code(code)
    area = Areas().by_code(code, now)
    sites = Location.objects.filter(operator=operator)
    rows = list(sites.filter(uid__iexact=name) or sites.filter(name=name))
    if not rows:
        raise UnknownObject(f"{operator.name} has no site {name!r}. Give its id or its whole name.")
    for row in rows:
        row.area = area
        row.save(update_fields=["area"])
        audit.record(actor=actor, action="site.area", subject=row, now=now, detail={"area": code})
    return rows
