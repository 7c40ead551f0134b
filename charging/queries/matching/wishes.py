"""What charges wish for beyond their area, and which plants stand at which sites."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Q

from certificates.models import Lot, Organisation
from certificates.queries.plants.origins import ENERGY_SOURCE, of_source
from certificates.queries.plants.ownership import changed_owners
from charging.domain.local_time import to_seconds, to_utc
from charging.domain.matching import Demand, Supply
from charging.domain.matching.terms import Preference
from charging.domain.wishes import DRIVER, read
from charging.models import DeviceSite, Session, StandingWish
from charging.queries.matching.demand import LONGEST, HourDemand
from charging.queries.matching.standing_wishes import MARKS, standing_wishes
from charging.queries.matching.supply import RENEWABLE, HeldAsset

LOOK_UP = 500  # ids in one query


@dataclass(frozen=True, slots=True)
class Wish:
    """Of one session: its site where plants stand, its tariff, its preferences (best first).

    `standing` is the wish for its contract, card or tariff that any of it comes from.
    """

    site: str = ""
    green_tariff: bool = False
    preferences: tuple[Preference, ...] = ()
    strict: bool = False
    standing: StandingWish | None = None

    def demand(self, key: str, amount_wh: int, area_id: int) -> Demand:
        """What a charge with this wish asks for, in the terms of matching."""
        return Demand(
            key,
            amount_wh,
            site=self.site,
            area=str(area_id),
            green_tariff=self.green_tariff,
            preferences=self.preferences,
            strict=self.strict,
        )


NO_WISH = Wish()


@dataclass(frozen=True, slots=True)
class Wishes:
    """Wishes by session; of lots, their supplier and source, and their site while it lasts."""

    sessions: Mapping[int, Wish] = field(default_factory=dict)
    lots: Mapping[int, tuple[int, str, str]] = field(default_factory=dict)
    sites: tuple[tuple[int, str, datetime, datetime | None], ...] = ()

    def demand(self, hour: HourDemand, amount_wh: int) -> Demand:
        """An hour's demand in the terms of matching."""
        wish = self.sessions.get(hour.session_id, NO_WISH)
        return wish.demand(hour.key, amount_wh, hour.area_id)

    def supply(self, asset: HeldAsset) -> Supply:
        """A held asset in the terms of matching."""
        device, supplier, source = self.lots.get(asset.lot_id, (0, "", ""))
        return Supply(
            asset.code,
            asset.amount_wh,
            bool(asset.mask & RENEWABLE),
            site=self.site_of(device, to_utc(asset.place[1])),
            area=str(asset.place[0]),
            source=source,
            supplier=supplier,
        )

    def site_of(self, device_id: int, at: datetime) -> str:
        """The site where a plant stood at an instant; empty for none."""
        found = (
            site
            for plant, site, first, last in self.sites
            if plant == device_id and first <= at and (last is None or at < last)
        )
        return next(found, "")

    def intervals(self, hours: list[HourDemand]) -> set[int]:
        """The starts of intervals in which a charge has a wish."""
        if not self.sessions:
            return set()
        return {to_seconds(hour.starts_at) for hour in hours if hour.session_id in self.sessions}


NO_WISHES = Wishes()


def wishes_of(
    organisation: Organisation,
    starts_at: datetime,
    ends_at: datetime,
    held: Iterable[HeldAsset],
) -> Wishes:
    """The wishes of a company's charges of a period; three queries where there are none.

    A charge's own wish goes before that of its card, its contract and its tariff, in this
    order, and all of them before what its driver would like.
    """
    links = list(
        DeviceSite.objects.filter(location__operator=organisation)
        .filter(Q(ends_at__isnull=True) | Q(ends_at__gt=starts_at), starts_at__lt=ends_at)
        .order_by("pk")
        .values_list("device", "location", "starts_at", "ends_at")
    )
    at_sites = {location for _, location, _, _ in links}
    sessions = _wishes_of_sessions(organisation, starts_at, ends_at, at_sites)
    if not sessions:
        return NO_WISHES
    return Wishes(
        sessions=sessions,
        lots=_lots({asset.lot_id for asset in held}),
        sites=tuple((device, str(place), first, last) for device, place, first, last in links),
    )


def _wishes_of_sessions(
    organisation: Organisation, starts_at: datetime, ends_at: datetime, at_sites: set[int]
) -> dict[int, Wish]:
    """The wishes of charges of a period, by session; two queries."""
    standing = standing_wishes(organisation, starts_at - LONGEST, ends_at)
    rows = (
        Session.objects.filter(
            claimant=organisation,
            final=True,
            started_at__gt=starts_at - LONGEST,
            started_at__lt=ends_at,
        )
        .filter(
            Q(green_tariff=True)
            | ~Q(preferences={})
            | Q(evse__location__in=at_sites)
            | standing.asked()
        )
        .values_list("pk", "evse__location", "green_tariff", "preferences", "started_at", *MARKS)
    )
    sessions = {}
    for pk, place, green, preferences, started_at, *marks in rows:
        site = str(place) if place in at_sites else ""
        wish = _wish(site, green, preferences, standing.find(marks, started_at))
        if wish != NO_WISH:
            sessions[pk] = wish
    return sessions


def _lots(ids: set[int]) -> dict[int, tuple[int, str, str]]:
    """Device, supplier (whose the plant was when it generated) and source of lots."""
    ordered = sorted(ids)
    found: dict[int, tuple[int, str, str]] = {}
    for start in range(0, len(ordered), LOOK_UP):
        rows = Lot.objects.filter(pk__in=ordered[start : start + LOOK_UP])
        facts = list(
            rows.values_list(
                "pk",
                "device",
                "starts_at",
                "device__organisation__slug",
                of_source("", ENERGY_SOURCE),
            )
        )
        changed = changed_owners(device for _, device, *_ in facts)
        for pk, device, at, supplier, source in facts:
            owner = changed[device].at(at).slug if device in changed else supplier
            found[pk] = device, owner, source
    return found


def _wish(
    site: str, green_tariff: bool, preferences: dict[str, Any], standing: StandingWish | None
) -> Wish:
    if standing is not None:
        green_tariff = green_tariff or standing.green_tariff
        if not preferences or preferences.get("by") == DRIVER:
            preferences = standing.preferences or preferences
    wished = read(green_tariff, preferences)
    return Wish(site, wished.first, wished.order, wished.strict, standing)
