"""Energy mixes of locations and tariffs, from certificates retired for the charges there."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Max, Sum

from certificates.queries.plants.origins import ENERGY_SOURCE, of_source
from charging.domain.ocpi.document import read_object
from charging.domain.ocpi.energy_mix import energy_mix
from charging.models import Allocation, Location, OcpiObject, Session
from charging.models.sealing import unseal
from charging.queries.matching.supply import RENEWABLE
from ledger.models import OutboxItem

WINDOW = timedelta(days=365)  # up to the operator's latest final charge
Amounts = dict[str, int]  # Wh by EECS energy source


def mixes_of_locations(rows: Sequence[OcpiObject]) -> dict[int, dict[str, Any]]:
    """By the object's id, for those locations where something final was charged."""
    sites = _sites(rows)
    return _mixes({pk: {site} for pk, site in sites.items()})


def mixes_of_tariffs(rows: Sequence[OcpiObject]) -> dict[int, dict[str, Any]]:
    """By the object's id: the mix of the locations whose connectors name the tariff."""
    places = OcpiObject.objects.filter(
        party__in={row.party_id for row in rows},
        module=OcpiObject.Module.LOCATIONS,
        removed_at__isnull=True,
    )
    located = list(places)
    sites = _sites(located)
    named: dict[tuple[int, str], set[int]] = defaultdict(set)
    for place in located:
        if place.pk in sites:
            for tariff in _tariffs_at(read_object(unseal(place.body))):
                named[place.party_id, tariff].add(sites[place.pk])
    return _mixes({row.pk: named.get((row.party_id, row.uid), set()) for row in rows})


def _tariffs_at(location: Mapping[str, Any]) -> Iterable[str]:
    for evse in location.get("evses") or ():
        for connector in evse["connectors"]:
            for tariff in connector.get("tariff_ids") or ():
                yield tariff.upper()


def _sites(rows: Sequence[OcpiObject]) -> dict[int, int]:
    """The registry's site of each location object."""
    known = Location.objects.filter(party__in={row.party_id for row in rows})
    by_name = {(row.party_id, row.uid.upper()): row.pk for row in known}
    return {
        row.pk: by_name[row.party_id, row.uid] for row in rows if (row.party_id, row.uid) in by_name
    }


def _mixes(groups: Mapping[int, set[int]]) -> dict[int, dict[str, Any]]:
    sites = set().union(*groups.values())
    latest = Session.objects.filter(evse__location__in=sites, final=True).aggregate(
        at=Max("started_at")
    )["at"]
    if latest is None:
        return {}
    used, retired = _used(sites, latest), _retired(sites, latest)
    mixes = {}
    for key, group in groups.items():
        total = sum(used.get(site, 0) for site in group)
        if total:
            mixes[key] = energy_mix(
                total,
                _together(retired.get((site, True), {}) for site in group),
                _together(retired.get((site, False), {}) for site in group),
            )
    return mixes


def _used(sites: set[int], latest: datetime) -> dict[int, int]:
    """Wh of final charges by site."""
    rows = Session.objects.filter(
        evse__location__in=sites,
        final=True,
        started_at__gt=latest - WINDOW,
        started_at__lte=latest,
    )
    return dict(rows.values_list("evse__location").annotate(wh=Sum("energy_wh")).order_by())


def _retired(sites: set[int], latest: datetime) -> dict[tuple[int, bool], Amounts]:
    """Wh certified for those charges, by site and whether as renewable, by energy source."""
    rows = Allocation.objects.standing().filter(
        session_hour__session__evse__location__in=sites,
        session_hour__session__final=True,
        session_hour__session__started_at__gt=latest - WINDOW,
        session_hour__session__started_at__lte=latest,
        retirement__entry__outbox_item__status=OutboxItem.Status.CERTIFIED,
    )
    found: dict[tuple[int, bool], Amounts] = defaultdict(lambda: defaultdict(int))
    for site, source, mask, wh in (
        rows.values_list(
            "session_hour__session__evse__location",
            of_source("retirement__lot", ENERGY_SOURCE),
            "retirement__mask",
        )
        .annotate(wh=Sum("retirement__amount_wh"))
        .order_by()
    ):
        found[site, bool(mask & RENEWABLE)][source] += wh
    return found


def _together(parts: Iterable[Mapping[str, int]]) -> Amounts:
    total: Amounts = defaultdict(int)
    for part in parts:
        for source, wh in part.items():
            total[source] += wh
    return total
