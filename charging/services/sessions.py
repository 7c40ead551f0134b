"""Sessions from files: every row accepted, held, rejected, a duplicate or skipped."""

import hashlib
import json
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction

from certificates.models import Area, Organisation, Role, User
from charging.domain.consumption import content_hash
from charging.domain.local_time import to_seconds, to_utc
from charging.domain.profiles import PROFILES, Profile
from charging.domain.session_file import Row, decode, rows_of
from charging.domain.session_rows import Charge, Period, Problem, Reason, Verdict, judge
from charging.errors import InvalidPeriod, NotAChargingCompany, UnknownProfile
from charging.models import SessionFile, SessionRow
from charging.queries.areas import Areas
from charging.services.locations import Sites
from charging.services.receipts import open_for
from charging.services.session_records import (
    Accepted,
    Kept,
    charges_by_ocpi,
    declare_final,
    known_charges,
    write_file,
)
from ledger.models import AuditEvent

DUPLICATE = "duplicate"
SHOWN_EVERY = 500  # lines between two signs of progress
Progress = Callable[[int, int], None]  # (line, lines in all)


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as it came, and the person who sent it."""

    name: str
    data: bytes
    user: User | None = None


@dataclass(frozen=True, slots=True)
class Options:
    """How to read a file. `starts_at` and `ends_at` select sessions by their start (UTC).

    `final` declares that the file's sessions will not change: only those are retired for.
    """

    profile: str
    area: str = ""
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    final: bool = False


@dataclass(frozen=True, slots=True)
class LineError:
    """One thing wrong with one field of one line."""

    line: int
    field: str
    value: str
    reason: str


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What became of every row: rows = accepted + held + rejected + duplicates + skipped."""

    rows: int
    accepted: int
    held: int
    rejected: int
    duplicates: int
    skipped: int
    errors: tuple[LineError, ...]
    repeated: bool = field(default=False, compare=False)

    def as_json(self) -> dict[str, Any]:
        """The report as it is kept and printed."""
        content = asdict(self)
        del content["repeated"]
        content["errors"] = [asdict(error) for error in self.errors]
        return content


def import_sessions(
    *,
    organisation: Organisation,
    upload: Upload,
    options: Options,
    now: datetime,
    dry_run: bool = False,
    progress: Progress | None = None,
) -> ImportReport:
    """Take a file of sessions in one transaction; the same file and options twice is one.

    A dry run reports the same and writes nothing.
    Raises: NotAChargingCompany, UnknownProfile, UnknownArea, InvalidPeriod, UnreadableFile,
    FileTooLarge, MissingColumns.
    """
    profile = _check(organisation, options)
    sha256 = hashlib.sha256(upload.data).hexdigest()
    key = _key(sha256, organisation, options)
    with transaction.atomic():
        # One import of a company at a time: whoever comes second sees what the first wrote.
        Organisation.objects.select_for_update().get(pk=organisation.pk)
        earlier = SessionFile.objects.filter(key=key, status=SessionFile.Status.IMPORTED).first()
        if earlier:
            return report_of(earlier)
        reader = _Reader(organisation, profile, options, now)
        text = decode(upload.data)
        total = text.count("\n")
        for row in rows_of(text, profile):
            reader.take(row)
            if progress and row.line % SHOWN_EVERY == 0:
                progress(row.line, total)
        report = reader.report()
        if dry_run:
            transaction.set_rollback(True)
            return report
        file = SessionFile.objects.create(
            key=key,
            organisation=organisation,
            sha256=sha256,
            name=upload.name[:200],
            profile=profile.name,
            options=_options_json(options),
            status=SessionFile.Status.IMPORTED,
            report=report.as_json(),
            uploaded_by=upload.user,
            uploaded_at=now,
        )
        ids = write_file(file=file, accepted=reader.accepted, kept=reader.kept, final=options.final)
        open_for(session_ids=ids, now=now)
        if options.final:
            declare_final(operator=organisation, uids=reader.repeated)
        _record(file, report, upload.user, now)
    return report


def report_of(file: SessionFile) -> ImportReport:
    """The report that was given when this file first came."""
    content = dict(file.report)
    errors = tuple(LineError(**error) for error in content.pop("errors"))
    return ImportReport(**content, errors=errors, repeated=True)


class _Reader:
    """Weighs row after row and gathers what is to be written."""

    def __init__(
        self, organisation: Organisation, profile: Profile, options: Options, now: datetime
    ) -> None:
        self._profile = profile
        self._now = to_seconds(now)
        self._period = Period(
            to_seconds(options.starts_at) if options.starts_at else None,
            to_seconds(options.ends_at) if options.ends_at else None,
        )
        self._code = options.area
        self._areas = Areas()
        self._sites = Sites(organisation, country=profile.country)
        self._known = known_charges(organisation)
        self._by_ocpi = charges_by_ocpi(organisation)
        self._counts: Counter[str] = Counter()
        self._errors: list[LineError] = []
        self.accepted: list[Accepted] = []
        self.kept: list[Kept] = []
        self.repeated: list[str] = []

    def take(self, row: Row) -> None:
        """Weigh one row."""
        self._counts["rows"] += 1
        outcome = judge(row.fields, self._profile, self._period)
        if outcome.verdict is Verdict.SKIPPED:
            self._counts[Verdict.SKIPPED] += 1
        elif outcome.charge is None:
            self._keep(row, outcome.verdict, outcome.problems)
        else:
            self._place(row, outcome.charge)

    def report(self) -> ImportReport:
        """The counts so far."""
        counts = self._counts
        return ImportReport(
            rows=counts["rows"],
            accepted=counts[Verdict.ACCEPTED],
            held=counts[Verdict.HELD],
            rejected=counts[Verdict.REJECTED],
            duplicates=counts[DUPLICATE],
            skipped=counts[Verdict.SKIPPED],
            errors=tuple(self._errors),
        )

    def _place(self, row: Row, charge: Charge) -> None:
        if charge.ended > self._now:
            field = self._profile.end_date
            problem = Problem(field, row.fields.get(field, ""), Reason.NOT_OVER)
            self._keep(row, Verdict.REJECTED, (problem,))
            return
        content = content_hash(charge.ended, charge.energy_wh, charge.site)
        first = self._known.get(charge.uid)
        if first == content:
            self.repeated.append(charge.uid)
            self._keep(row, DUPLICATE, ())
            return
        if first is not None:
            problem = Problem("session", charge.uid, Reason.CORRECTION)
            self._keep(row, Verdict.HELD, (problem,))
            return
        if (charge.charger.upper(), charge.started) in self._by_ocpi:
            problem = Problem("session", charge.uid, Reason.BY_OCPI)
            self._keep(row, Verdict.HELD, (problem,))
            return
        area = self._area(charge)
        if area is None:
            problem = Problem(self._profile.site, charge.site, Reason.AREA_UNKNOWN)
            self._keep(row, Verdict.HELD, (problem,))
            return
        self._known[charge.uid] = content
        evse = self._sites.evse(charge.site, charge.charger, charge.model, area)
        self.accepted.append(Accepted(row.line, charge, content, evse.pk, area))
        self._counts[Verdict.ACCEPTED] += 1

    def _area(self, charge: Charge) -> Area | None:
        at = to_utc(charge.started)
        if self._code:
            return self._areas.by_code(self._code, at)
        location = self._sites.find(charge.site)
        if location.area is not None:
            return location.area
        return self._areas.only_one_of(location.country, at) if location.country else None

    def _keep(self, row: Row, status: str, problems: tuple[Problem, ...]) -> None:
        self._counts[str(status)] += 1
        self._errors += [LineError(row.line, p.field, p.value, str(p.reason)) for p in problems]
        reasons = [{"field": p.field, "value": p.value, "reason": str(p.reason)} for p in problems]
        self.kept.append(Kept(row.line, SessionRow.Status(str(status)), reasons, row.raw))


def _check(organisation: Organisation, options: Options) -> Profile:
    if not organisation.roles.filter(role=Role.CHARGING_COMPANY).exists():
        raise NotAChargingCompany(
            f"{organisation.name} is no charging company; only those send sessions."
        )
    if options.profile not in PROFILES:
        raise UnknownProfile(
            f"No profile {options.profile!r}. Known: {', '.join(sorted(PROFILES))}."
        )
    if options.starts_at and options.ends_at and options.ends_at <= options.starts_at:
        raise InvalidPeriod("The period ends before it starts. Give --from before --to.")
    if options.area:
        Areas().check_code(options.area)
    return PROFILES[options.profile]


def _options_json(options: Options) -> dict[str, Any]:
    return {
        "profile": options.profile,
        "area": options.area,
        "from": options.starts_at.isoformat() if options.starts_at else None,
        "to": options.ends_at.isoformat() if options.ends_at else None,
        "final": options.final,
    }


def _key(sha256: str, organisation: Organisation, options: Options) -> str:
    content = json.dumps([organisation.slug, _options_json(options)], sort_keys=True)
    return f"import:{sha256}:{hashlib.sha256(content.encode()).hexdigest()[:16]}"


def _record(file: SessionFile, report: ImportReport, user: User | None, now: datetime) -> None:
    counts = {name: value for name, value in report.as_json().items() if name != "errors"}
    AuditEvent.objects.create(
        at=now,
        actor=str(user) if user else "command",
        actor_id=str(user.pk) if user else "",
        action="sessions.import",
        subject=file.key,
        detail={"file": file.name, "organisation": file.organisation.slug, **counts},
    )
