"""A file's rows, weighed against each other and against what is known already."""

from collections import Counter, defaultdict
from dataclasses import asdict, replace
from datetime import datetime

from certificates.models import Area, Organisation
from charging.domain import repairs
from charging.domain.consumption import content_hash
from charging.domain.local_time import to_seconds, to_utc
from charging.domain.profiles import Profile
from charging.domain.registers import Standing, differences
from charging.domain.session_rows import Charge, Outcome, Problem, Reason, Verdict, uid_of_place
from charging.domain.session_verdicts import Proposal
from charging.models import SessionRow
from charging.queries.areas import Areas
from charging.queries.company.known_charges import (
    charges_by_ocpi,
    charges_by_place,
    known_charges,
    place_of,
)
from charging.services.locations import Sites
from charging.services.sessions.options import Options
from charging.services.sessions.records import Accepted, Kept
from charging.services.sessions.row_evidence import UsedRecords, contradicts
from charging.services.sessions.row_judging import Judged

DUPLICATE = "duplicate"


class RowWeighing:
    """Weighs row after row and gathers what is to be written; `finish` ends it."""

    def __init__(
        self, organisation: Organisation, profile: Profile, options: Options, now: datetime
    ) -> None:
        self._profile = profile
        self._now = to_seconds(now)
        self._code = options.area
        self._areas = Areas()
        self._sites = Sites(organisation, country=profile.country)
        self._known = known_charges(organisation)
        self._by_place = charges_by_place(organisation)
        self._chargers = {uid.upper(): place[0] for place, uid in self._by_place.items()}
        self._by_ocpi = charges_by_ocpi(organisation)
        self._standings: dict[tuple[str, str], list[tuple[int, Charge]]] = defaultdict(list)
        self.used = UsedRecords(organisation)
        self.counts: Counter[str] = Counter()
        self.accepted: list[Accepted] = []
        self.kept: list[Kept] = []
        self.repeated: list[str] = []

    def take(self, row: Judged) -> None:
        """Weigh one row against the others."""
        self.counts["rows"] += 1
        outcome = row.outcome
        if outcome.verdict is Verdict.SKIPPED:
            self.counts[Verdict.SKIPPED] += 1
        elif outcome.charge is None:
            self._keep(row, str(outcome.verdict), outcome.problems, outcome.proposals)
            self._note_standing(outcome)
        else:
            self._place(row, outcome.charge)

    def finish(self) -> None:
        """Look at rows together: is the energy of some really a register that rises?"""
        for rows in self._standings.values():
            charges = dict(rows)
            standings = [Standing(n, c.started, c.ended, c.energy_wh) for n, c in rows]
            for place, wh in differences(standings, self._profile).items():
                charge = replace(charges[place], energy_wh=wh)
                self._propose(place, repairs.propose(repairs.REGISTER, charge))

    def _note_standing(self, outcome: Outcome) -> None:
        charge = outcome.doubted
        if charge is not None:
            key = (charge.charger.upper(), charge.connector.upper())
            self._standings[key].append((len(self.kept) - 1, charge))

    def _propose(self, place: int, proposal: Proposal) -> None:
        row = self.kept[place]
        if row.status == SessionRow.Status.REJECTED:
            self.counts[Verdict.REJECTED] -= 1
            self.counts[Verdict.HELD] += 1
        ways = [*row.proposals, asdict(proposal)]
        self.kept[place] = replace(row, status=SessionRow.Status.HELD, proposals=ways)

    def _place(self, row: Judged, charge: Charge) -> None:
        against = self._against(charge)
        if against is not None:
            verdict, problem, proposals = against
            self._keep(row, str(verdict), (problem,) if problem else (), proposals)
            return
        area = self._area(charge)
        if area is None:
            problem = Problem(self._profile.site, charge.site, Reason.AREA_UNKNOWN)
            proposals = (repairs.propose(repairs.AREA, charge),)
            self._keep(row, str(Verdict.HELD), (problem,), proposals)
            return
        if row.proof and row.proof.energy_wh and contradicts(charge, row.proof):
            self._hold_for_signature(row, charge, row.proof.energy_wh)
            return
        proof = self.used.use(row.proof, charge.uid)
        content = content_hash(charge.ended, charge.energy_wh, charge.site)
        self._known[charge.uid] = content
        self._by_place.setdefault(place_of(charge), charge.uid)
        self._chargers[charge.uid] = charge.charger.upper()
        evse = self._sites.evse(charge.site, charge.charger, charge.model, area)
        self.accepted.append(Accepted(row.line, charge, content, evse.pk, area, proof))
        self.counts[Verdict.ACCEPTED] += 1

    def _hold_for_signature(self, row: Judged, charge: Charge, signed_wh: int) -> None:
        """The row and its meter disagree: a person says which of them counts."""
        problem = Problem(self._profile.energy, charge.raw_energy, Reason.SIGNED_OTHERWISE)
        ways = (
            repairs.propose(repairs.METERED, replace(charge, energy_wh=signed_wh)),
            repairs.propose(repairs.STATED, charge),
        )
        self._keep(row, str(Verdict.HELD), (problem,), ways)

    def _against(self, charge: Charge) -> tuple[str, Problem | None, tuple[Proposal, ...]] | None:
        """What stands against a believed row, and how it could be taken all the same."""
        if charge.ended > self._now:
            return Verdict.REJECTED, Problem("end", _shown(charge.ended), Reason.NOT_OVER), ()
        if self._is_repeated(charge):
            return DUPLICATE, None, ()
        if charge.uid in self._known:
            return self._against_id(charge)
        if (charge.charger.upper(), charge.started) in self._by_ocpi:
            return Verdict.HELD, Problem("session", charge.uid, Reason.BY_OCPI), ()
        other = self._by_place.get(place_of(charge))
        if other is not None:
            problem = Problem("session", other, Reason.SAME_CHARGE)
            return Verdict.HELD, problem, (repairs.propose(repairs.OWN, charge),)
        return None

    def _against_id(self, charge: Charge) -> tuple[str, Problem | None, tuple[Proposal, ...]]:
        """What stands against a row whose id is known with other content."""
        if self._chargers.get(charge.uid) in (None, charge.charger.upper()):
            problem = Problem("session", charge.uid, Reason.CORRECTION)
            return Verdict.HELD, problem, (repairs.propose(repairs.CORRECT, charge),)
        # Two systems that each count their charges from 1 mean two charges by one number.
        own = replace(charge, uid=uid_of_place(charge))
        if self._is_repeated(own):
            return DUPLICATE, None, ()
        problem = Problem("session", charge.uid, Reason.OTHER_CHARGER)
        return Verdict.HELD, problem, (repairs.propose(repairs.OWN, own),)

    def _is_repeated(self, charge: Charge) -> bool:
        content = content_hash(charge.ended, charge.energy_wh, charge.site)
        if self._known.get(charge.uid) != content:
            return False
        self.repeated.append(charge.uid)
        return True

    def _area(self, charge: Charge) -> Area | None:
        at = to_utc(charge.started)
        if self._code:
            return self._areas.by_code(self._code, at)
        location = self._sites.find(charge.site)
        if location.area is not None:
            return location.area
        return self._areas.only_one_of(location.country, at) if location.country else None

    def _keep(
        self,
        row: Judged,
        status: str,
        problems: tuple[Problem, ...],
        proposals: tuple[Proposal, ...] = (),
    ) -> None:
        self.counts[status] += 1
        reasons = [{"field": p.field, "value": p.value, "reason": str(p.reason)} for p in problems]
        ways = [asdict(each) for each in proposals]
        self.kept.append(Kept(row.line, SessionRow.Status(status), reasons, row.raw, ways))


def _shown(instant: int) -> str:
    return to_utc(instant).isoformat()
