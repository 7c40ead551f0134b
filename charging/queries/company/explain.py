"""Why each hour of a charge got what it got: which lots, what was missing, what would help."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from certificates.models import Organisation
from charging.domain.consumption import consumption_key
from charging.domain.local_time import to_seconds
from charging.domain.matching.terms import rank_of
from charging.models import Allocation, ClosedInterval, Session, SessionHour
from charging.queries.company.fillers import Fillers, fillers
from charging.queries.company.others import matching_minutes
from charging.queries.matching import demand as demand_of
from charging.queries.matching.coupling import coupled_areas
from charging.queries.matching.demand import Place
from charging.queries.matching.plan import plan
from charging.queries.matching.supply import HeldAsset, held_assets, interval_of, received_lots
from charging.queries.matching.wishes import NO_WISH, Wish, Wishes, wishes_of

Row = list[Any]  # code, device, gsrn, Wh, run, version


@dataclass(frozen=True, slots=True)
class MatchedLot:
    """Wh of one lot that an hour got. `same_area` is false for a coupled one.

    `at_site`: the plant stood where the charge was. `wish`: the place, from 1, of the first of
    the charge's preferences that the lot fits; 0 for none. Both by the wishes of today.
    """

    code: str
    device: str
    gsrn: str
    amount_wh: int
    renewable: bool
    same_area: bool
    run: int
    version: str
    at_site: bool = False
    wish: int = 0


@dataclass(frozen=True, slots=True)
class HourExplanation:
    """One hour of a charge. What is missing is `energy_wh - matched_wh`.

    `asked_wh` is what all charges of the company took in this interval and area, `charges`
    how many they were, `had_wh` the generation the company had for them, `spare_wh` what it
    still holds of it. `reason` is a code, empty when nothing is missing. `provisional_wh` is
    what the hour would get besides if its interval were closed now; nothing of it is booked.
    """

    starts_at: datetime
    length_minutes: int
    method: str
    energy_wh: int
    matched_wh: int
    asked_wh: int
    charges: int
    had_wh: int
    spare_wh: int
    too_coarse_wh: int
    provisional_wh: int
    round: int
    reason: str
    why: str
    lots: tuple[MatchedLot, ...]
    fillers: Fillers

    @property
    def missing_wh(self) -> int:
        """Wh without generation of the same interval."""
        return self.energy_wh - self.matched_wh


@dataclass(frozen=True, slots=True)
class ChargeExplanation:
    """A charge as its operator knows it, hour by hour, and what it wishes as things stand.

    Hours that were matched before a wish was set got theirs without it.
    """

    key: str
    site: str
    started_at: datetime
    ended_at: datetime
    energy_wh: int
    matched_wh: int
    hours: tuple[HourExplanation, ...]
    wish: Wish = NO_WISH


WHY = {
    "": "All of it was made in the same interval.",
    "not_over": "The interval has not ended yet.",
    "not_final": "The charge may still change; only final ones are matched.",
    "provisional": "The interval is not closed yet; late readings and sessions may still come.",
    "late": "Generation came after the interval was closed and is matched in the next round.",
    "too_coarse": "The company holds certificates of longer intervals only, which do not say when "
    "in them the generation was.",
    "nothing": "The company had no generation of this interval and area.",
    "unwished": "The company still holds generation of this interval, but nothing of it is what "
    "this charge takes alone.",
    "stages": "There was less generation than asked for. What was made at a site went to its "
    "charges first, and charges to be served first or with a wish for it came before others; "
    "those alike got their shares by what they took, to the whole Wh.",
    "shared": "There was less generation than asked for. Every charge got its share of it, by "
    "what it took, to the whole Wh.",
}
UNBOOKED = ("not_over", "provisional", "late")


def explain(session: Session, now: datetime) -> ChargeExplanation:
    """Explain every hour of a charge, in the same few queries however long it was."""
    hours = list(SessionHour.objects.filter(session=session).order_by("starts_at"))
    facts = _Facts(session, hours)
    told = tuple(facts.explain(hour, now) for hour in hours)
    return ChargeExplanation(
        key=consumption_key(
            session.operator.slug, session.country_code, session.party_id, session.uid
        ),
        site=session.evse.location.name,
        started_at=session.started_at,
        ended_at=session.ended_at,
        energy_wh=session.energy_wh,
        matched_wh=sum(hour.matched_wh for hour in told),
        hours=told,
        wish=facts.wish,
    )


class _Facts:
    """What is known of the intervals of one charge, read once."""

    def __init__(self, session: Session, hours: list[SessionHour]) -> None:
        self._session, self._claimant = session, session.claimant
        self.wish = NO_WISH
        if not hours:
            return
        last = hours[-1].starts_at + timedelta(minutes=hours[-1].length_minutes)
        period = (self._claimant, hours[0].starts_at, last)
        self._minutes = matching_minutes()
        self._asked = demand_of.demand_by_interval(*period)
        self._charges = _charges(*period)
        held = held_assets(*period)
        self._held = _by_place((asset.place, asset.amount_wh) for asset in held)
        matched = self._matched(session)
        wishes = wishes_of(*period, [*held, *(asset for _, asset, _ in matched)])
        self.wish = wishes.sessions.get(session.pk, NO_WISH)
        self._lots = self._matched_lots(matched, wishes)
        demands = demand_of.hour_demands(*period)
        self._with_wishes = wishes.intervals(demands)
        planned = plan(demands, held, coupled_areas(), wishes)
        self._provisional: dict[int, int] = defaultdict(int)
        for share in planned.shares:
            self._provisional[share.hour.pk] += share.amount_wh
        self._read_lots(*period)
        self._fillers = self._find_fillers(period, hours, wishes)
        self._rounds = dict(
            ClosedInterval.objects.filter(
                organisation=self._claimant,
                area=session.area_id,
                starts_at__in=[hour.starts_at for hour in hours],
            ).values_list("starts_at", "rounds")
        )

    def explain(self, hour: SessionHour, now: datetime) -> HourExplanation:
        """What became of one hour."""
        place = (self._session.area_id, to_seconds(hour.starts_at))
        lots = self._lots.get(hour.pk, ())
        matched = sum(lot.amount_wh for lot in lots)
        reason = self._reason(hour, place, matched, now)
        return HourExplanation(
            starts_at=hour.starts_at,
            length_minutes=hour.length_minutes,
            method=hour.method,
            energy_wh=hour.energy_wh,
            matched_wh=matched,
            asked_wh=self._asked.get(place, 0),
            charges=self._charges.get(place, 0),
            had_wh=self._had.get(place, 0),
            spare_wh=self._held.get(place, 0),
            too_coarse_wh=self._coarse.get(place, 0),
            provisional_wh=self._provisional.get(hour.pk, 0) if reason in UNBOOKED else 0,
            round=self._rounds.get(hour.starts_at, 0),
            reason=reason,
            why=WHY[reason],
            lots=tuple(lots),
            fillers=self._fillers.get(place[1], Fillers()) if reason else Fillers(),
        )

    def _reason(self, hour: SessionHour, place: Place, matched: int, now: datetime) -> str:
        ends_at = hour.starts_at + timedelta(minutes=hour.length_minutes)
        had, holds_some = self._had.get(place, 0), bool(self._held.get(place))
        answers = (
            (matched >= hour.energy_wh, ""),
            (now < ends_at, "not_over"),
            (not self._session.final, "not_final"),
            (hour.starts_at not in self._rounds, "provisional"),
            (bool(self._provisional.get(hour.pk)), "late"),
            (holds_some and self.wish.strict, "unwished"),
            (not had and bool(self._coarse.get(place)), "too_coarse"),
            (not had and not matched, "nothing"),
            (place[1] in self._with_wishes, "stages"),
        )
        return next((reason for holds, reason in answers if holds), "shared")

    def _matched(self, session: Session) -> list[tuple[int, HeldAsset, Row]]:
        """What the charge's hours got: the hour, the asset in the terms of matching, the facts."""
        rows = (
            Allocation.objects.standing()
            .filter(session_hour__session=session)
            .order_by("retirement__lot__code", "pk")
            .values_list(
                "session_hour",
                "session_hour__starts_at",
                "retirement__lot",
                "retirement__mask",
                "retirement__lot__device__area",
                "retirement__lot__code",
                "retirement__lot__device__name",
                "retirement__lot__device__gsrn",
                "retirement__amount_wh",
                "run",
                "run__version",
            )
        )
        return [
            (hour, HeldAsset(0, facts[0], lot, mask, (area, to_seconds(start)), 0), facts)
            for hour, start, lot, mask, area, *facts in rows
        ]

    def _find_fillers(
        self,
        period: tuple[Organisation, datetime, datetime],
        hours: Iterable[SessionHour],
        wishes: Wishes,
    ) -> dict[int, Fillers]:
        """What others hold for the hours that miss something."""
        got = {pk: sum(lot.amount_wh for lot in lots) for pk, lots in self._lots.items()}
        missing = ((hour, hour.energy_wh - got.get(hour.pk, 0)) for hour in hours)
        asking = {
            to_seconds(hour.starts_at): [self.wish.demand("", wh, self._session.area_id)]
            for hour, wh in missing
            if wh > 0
        }
        return fillers(*period, asking, wishes)

    def _matched_lots(
        self, matched: Iterable[tuple[int, HeldAsset, Row]], wishes: Wishes
    ) -> dict[int, list[MatchedLot]]:
        lots: dict[int, list[MatchedLot]] = defaultdict(list)
        for hour, asset, (code, device, gsrn, wh, run, version) in matched:
            supply = wishes.supply(asset)
            rank = rank_of(self.wish.preferences, supply)
            lot = MatchedLot(
                code=code,
                device=device,
                gsrn=gsrn,
                amount_wh=wh,
                renewable=supply.renewable,
                same_area=asset.place[0] == self._session.area_id,
                run=run,
                version=version,
                at_site=bool(self.wish.site) and self.wish.site == supply.site,
                wish=rank + 1 if rank < len(self.wish.preferences) else 0,
            )
            lots[hour].append(lot)
        return lots

    def _read_lots(self, company: Organisation, starts_at: datetime, ends_at: datetime) -> None:
        """Generation the company had in each interval, and what was too coarse for any."""
        had: list[tuple[Place, int]] = []
        coarse: list[tuple[Place, int]] = []
        for area, start, length, wh in received_lots(company, starts_at, ends_at):
            first, wide = to_seconds(start), self._minutes[area] * 60
            place = interval_of(first, length, self._minutes[area])
            if place is not None:
                had.append(((area, place), wh))
            else:
                touched = range(first - first % wide, first + length * 60, wide)
                coarse += [((area, interval), wh) for interval in touched]
        self._had, self._coarse = _by_place(had), _by_place(coarse)


def _charges(company: Organisation, starts_at: datetime, ends_at: datetime) -> dict[Place, int]:
    rows = demand_of.final_hours(company, starts_at, ends_at).values_list(
        "session__area", "starts_at"
    )
    return _by_place(((area, to_seconds(start)), 1) for area, start in rows)


def _by_place(amounts: Iterable[tuple[Place, int]]) -> dict[Place, int]:
    sums: dict[Place, int] = defaultdict(int)
    for place, wh in amounts:
        sums[place] += wh
    return sums
