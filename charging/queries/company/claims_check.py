"""A company's green claims, and what was retired for the charges they were made for."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import F, Sum

from certificates.models import Organisation
from certificates.queries.plants.origins import ENERGY_SOURCE, of_source
from charging.domain.green_claims import Judgement, Stated, Used, by_category, judge, read_stated
from charging.domain.ocpi.document import read_object
from charging.models import Allocation, Cdr, Location, OcpiObject, Session
from charging.models.sealing import unseal
from charging.queries.matching.supply import RENEWABLE
from ledger.models import OutboxItem

MOST_RECORDS = 20_000  # charge records that one answer reads
CHUNK_ROWS = 2_000
TARIFF, SITE, RECORD = "tariff", "site", "record"


@dataclass(frozen=True, slots=True)
class Claim:
    """One statement of green energy and what comes of it.

    `kind` is a tariff as it stands, a site as it stands, or a tariff as charge records carry
    it. Wh: `charged_wh` of `charges` final ones that it covers.
    """

    kind: str
    name: str
    stated: Stated
    used: Used
    charges: int
    judgement: Judgement


@dataclass(frozen=True, slots=True)
class ClaimsCheck:
    """Every claim; `records` charge records were read, `unread` older ones were not."""

    claims: tuple[Claim, ...]
    records: int
    unread: int


@dataclass(slots=True)
class _Sum:
    """What the charges of one claim took and got."""

    charges: int = 0
    charged_wh: int = 0
    renewable: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    other: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    pending_wh: int = 0

    def used(self) -> Used:
        return Used(
            charged_wh=self.charged_wh,
            renewable=by_category(self.renewable),
            other=by_category(self.other),
            pending_wh=self.pending_wh,
        )


@dataclass(frozen=True, slots=True)
class _Record:
    """A charge's record: the tariffs it names, and those that it states a mix for."""

    session: int
    tariffs: frozenset[tuple[int, str]]
    stated: tuple[tuple[str, Stated], ...]


def claims_check(organisation: Organisation, starts_at: datetime, ends_at: datetime) -> ClaimsCheck:
    """Check the claims over the final charges that began in the period.

    A tariff covers the charges whose records name it; a site those that were made there.
    """
    records, unread = _records(organisation, starts_at, ends_at)
    charges = _charges(organisation, starts_at, ends_at)
    objects = OcpiObject.objects.filter(
        party__organisation=organisation, removed_at__isnull=True
    ).order_by("uid", "pk")
    by_tariff: dict[tuple[int, str], set[int]] = defaultdict(set)
    for record in records:
        for tariff in record.tariffs:
            by_tariff[tariff].add(record.session)
    claims = [
        *_tariff_claims(objects.filter(module=OcpiObject.Module.TARIFFS), by_tariff, charges),
        *_site_claims(objects.filter(module=OcpiObject.Module.LOCATIONS), charges),
        *_record_claims(records, charges),
    ]
    ordered = sorted(claims, key=lambda one: (-one.judgement.short_wh, one.kind, one.name))
    return ClaimsCheck(tuple(ordered), len(records), unread)


def _tariff_claims(
    rows: Iterable[OcpiObject],
    by_tariff: Mapping[tuple[int, str], set[int]],
    charges: "_Charges",
) -> Iterable[Claim]:
    for row in rows:
        stated = read_stated(read_object(unseal(row.body)).get("energy_mix"))
        if stated is not None:
            sessions = by_tariff.get((row.party_id, row.uid), set())
            yield _claim(TARIFF, row.uid, stated, charges.of(sessions))


def _site_claims(rows: Iterable[OcpiObject], charges: "_Charges") -> Iterable[Claim]:
    objects = list(rows)
    parties = {row.party_id for row in objects}
    sites = {
        (site.party_id, site.uid.upper()): site
        for site in Location.objects.filter(party__in=parties)
    }
    for row in objects:
        body = read_object(unseal(row.body))
        stated = read_stated(body.get("energy_mix"))
        site = sites.get((row.party_id, row.uid))
        if stated is not None:
            sessions = charges.at(site.pk) if site else set()
            yield _claim(SITE, str(body.get("name") or row.uid), stated, charges.of(sessions))


def _record_claims(records: Iterable[_Record], charges: "_Charges") -> Iterable[Claim]:
    groups: dict[tuple[str, Stated], set[int]] = defaultdict(set)
    for record in records:
        for name, stated in record.stated:
            groups[name, stated].add(record.session)
    for (name, stated), sessions in groups.items():
        yield _claim(RECORD, name, stated, charges.of(sessions))


def _claim(kind: str, name: str, stated: Stated, total: _Sum) -> Claim:
    used = total.used()
    return Claim(kind, name, stated, used, total.charges, judge(stated, used))


class _Charges:
    """What each final charge took and got, by the charge."""

    def __init__(self) -> None:
        self.energy: dict[int, int] = {}
        self.sites: dict[int, set[int]] = defaultdict(set)
        self.retired: dict[int, list[tuple[str, int, bool, int]]] = defaultdict(list)

    def at(self, site: int) -> set[int]:
        return self.sites.get(site, set())

    def of(self, sessions: Iterable[int]) -> _Sum:
        total = _Sum()
        for session in sessions:
            if session not in self.energy:
                continue
            total.charges += 1
            total.charged_wh += self.energy[session]
            for source, mask, is_certified, wh in self.retired.get(session, ()):
                if is_certified:
                    kind = total.renewable if mask & RENEWABLE else total.other
                    kind[source] += wh
                elif mask & RENEWABLE:
                    total.pending_wh += wh
        return total


def _charges(organisation: Organisation, starts_at: datetime, ends_at: datetime) -> _Charges:
    found = _Charges()
    period: dict[str, Any] = {
        "claimant": organisation,
        "final": True,
        "started_at__gte": starts_at,
        "started_at__lt": ends_at,
    }
    for pk, site, wh in Session.objects.filter(**period).values_list(
        "pk", "evse__location", "energy_wh"
    ):
        found.energy[pk] = wh
        found.sites[site].add(pk)
    rows = (
        Allocation.objects.standing()
        .filter(**{f"session_hour__session__{name}": value for name, value in period.items()})
        .values_list(
            "session_hour__session",
            of_source("retirement__lot", ENERGY_SOURCE),
            "retirement__mask",
            "retirement__entry__outbox_item__status",
        )
        .annotate(wh=Sum("retirement__amount_wh"))
        .order_by()
    )
    for session, source, mask, status, wh in rows.iterator(chunk_size=CHUNK_ROWS):
        is_certified = status == OutboxItem.Status.CERTIFIED
        found.retired[session].append((source, mask, is_certified, wh))
    return found


def _records(
    organisation: Organisation, starts_at: datetime, ends_at: datetime
) -> tuple[list[_Record], int]:
    """The newest charge records of the period, and how many older ones there are."""
    rows = Cdr.objects.filter(
        claimant=organisation,
        status=Cdr.Status.RECORDED,
        session__final=True,
        session__started_at__gte=starts_at,
        session__started_at__lt=ends_at,
    )
    count = rows.count()
    newest = rows.order_by(F("pk").desc()).values_list("session_id", "party_id", "body")[
        :MOST_RECORDS
    ]
    records = [_record(*row) for row in newest.iterator(chunk_size=CHUNK_ROWS)]
    return records, max(0, count - len(records))


def _record(session: int, party: int, body: bytes | memoryview) -> _Record:
    said = read_object(unseal(body))
    tariffs = [one for one in said.get("tariffs") or () if isinstance(one, dict)]
    periods = [one for one in said.get("charging_periods") or () if isinstance(one, dict)]
    names = [one.get("id") for one in tariffs] + [one.get("tariff_id") for one in periods]
    stated = [(str(one.get("id")).upper(), read_stated(one.get("energy_mix"))) for one in tariffs]
    return _Record(
        session=session,
        tariffs=frozenset((party, str(name).upper()) for name in names if name),
        stated=tuple((name, mix) for name, mix in stated if mix is not None),
    )
