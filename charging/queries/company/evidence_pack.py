"""A company's yearly evidence, read at one moment and then written file by file."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Count, F, Q, Sum
from django.db.models.functions import Coalesce
from django.urls import reverse

from certificates.models import Area, Device, Organisation, Retirement
from certificates.queries.plants.origins import of_source
from charging.domain import evidence_pack as pack
from charging.domain.evidence_pack import CertificateRow, GridRow, HourRow, Totals
from charging.domain.evidence_readme import readme
from charging.domain.local_time import to_seconds, to_utc
from charging.errors import EvidenceDisagrees, NoEvidence
from charging.queries.company.covered import CERTIFIED, IS_RENEWABLE
from charging.queries.company.evidence_grid import grid_rows
from charging.queries.company.missing import missing_by_interval
from charging.queries.matching.demand import (
    Place,
    demand_by_interval,
    demand_wh,
    valid_allocations,
)
from ledger.domain.proof import files as proof_format
from ledger.domain.proof.document import Charge
from ledger.domain.zip_stream import File
from ledger.models import OutboxItem
from ledger.services.proofs import Shown, build_proof
from ledger.services.statements import sign_statement

DISCLOSES_NOTHING = Charge(fields=(), hidden=())
CHUNK_ROWS = 10_000


@dataclass(frozen=True, slots=True)
class Evidence:
    """The facts of one company and year, as they stood at one moment."""

    organisation: Organisation
    year: int
    hours: tuple[HourRow, ...]
    certificates: tuple[CertificateRow, ...]
    statements: tuple[dict[str, str | int], ...]
    grid: tuple[GridRow, ...] = ()

    @property
    def totals(self) -> Totals:
        """The year's sums."""
        return pack.totals_of_hours(self.hours, len(self.certificates))

    @property
    def name(self) -> str:
        """The pack's name, without the ending."""
        return f"evidence-{self.organisation.slug}-{self.year}"


def gather(organisation: Organisation, year: int) -> Evidence:
    """Read everything at one moment. Raises: NoEvidence, EvidenceDisagrees."""
    period = (datetime(year, 1, 1, tzinfo=UTC), datetime(year + 1, 1, 1, tzinfo=UTC))
    with transaction.atomic():
        _see_one_moment()
        certificates = _certificates(organisation, *period)
        hours = _hours(organisation, *period, certificates)
        evidence = Evidence(
            organisation=organisation,
            year=year,
            hours=hours,
            certificates=certificates,
            statements=_statements(organisation, *period),
            grid=grid_rows(hours),
        )
    if not evidence.hours:
        raise NoEvidence(f"{organisation.name} has no final charge in {year} (UTC).")
    found = pack.disagreements(evidence.hours, evidence.certificates)
    stated = sum(int(one["amount_wh"]) for one in evidence.statements)
    if stated != evidence.totals.certified_wh:
        found.append(f"the statements add up to {stated} Wh")
    if found:
        raise EvidenceDisagrees(
            f"The evidence of {year} does not add up ({found[0]}; {len(found)} in all). "
            "Tell the registrar; nothing was given out."
        )
    return evidence


def totals_of(organisation: Organisation, starts_at: datetime, ends_at: datetime) -> Totals:
    """A year's sums, without everything that its pack is made of and held together by."""
    period = (organisation, starts_at, ends_at)
    amount = F("retirement__amount_wh")
    sums = (
        valid_allocations(*period)
        .filter(session_hour__session__final=True)
        .aggregate(
            matched_wh=Coalesce(Sum(amount), 0),
            renewable_wh=Coalesce(Sum(amount, filter=IS_RENEWABLE), 0),
            certified_wh=Coalesce(Sum(amount, filter=Q(**CERTIFIED)), 0),
            certificates=Count("pk"),
        )
    )
    return Totals(
        charged_wh=demand_wh(*period),
        missing_wh=sum(missing_by_interval(*period).values()),
        **sums,
    )


def files_of(evidence: Evidence) -> Iterator[File]:
    """The pack's files in their order, each made when its turn comes.

    Raises: ProofUnavailable, ChainMissing, ChainCorrupt, KeyUnavailable.
    """
    digests = pack.Digests()
    totals, about = evidence.totals, _about(evidence)
    proofs = pack.proof_files(evidence.certificates)
    signer = sign_statement(about).signer

    def named(name: str, chunks: Iterable[bytes]) -> File:
        return f"{evidence.name}/{name}", digests.watch(name, chunks)

    words = readme(
        about,
        signer=signer,
        verify_url=settings.PUBLIC_URL + reverse("verify"),
        trust_url=settings.PUBLIC_URL + reverse("trust-file"),
        totals=asdict(totals),
        has_grid=bool(evidence.grid),
    )
    yield named(pack.README, [words])
    yield named(pack.HOURS, pack.hours_csv(evidence.hours))
    yield named(pack.CERTIFICATES, pack.certificates_csv(evidence.certificates, proofs))
    if evidence.grid:
        yield named(pack.GRID, pack.grid_csv(evidence.grid))
    for number, statement in enumerate(evidence.statements, 1):
        name = f"statements/{statement['month']}-{number:04d}.json"
        yield named(name, [_signed(statement)])
    for proof in proofs:
        shown = [Shown(row.entry, None) for row in proof.rows]
        built = build_proof(charge=DISCLOSES_NOTHING, retirements=shown)
        yield named(proof.name, [proof_format.dump(built)])
    listed = pack.manifest(about, totals, digests.found)
    yield f"{evidence.name}/{pack.MANIFEST}", [listed]
    ((_, _, digest),) = _digest_of(listed)
    yield f"{evidence.name}/{pack.SIGNATURE}", [_signed({**about, "manifest_sha256": digest})]


def _about(evidence: Evidence) -> dict[str, str | int]:
    return {
        "claimant": evidence.organisation.slug,
        "claimant_name": evidence.organisation.name,
        "registry": settings.REGISTRY_ID,
        "year": evidence.year,
    }


def _signed(statement: dict[str, str | int]) -> bytes:
    signed = sign_statement(statement)
    return pack.as_json(
        {"statement": signed.text, "signer": signed.signer, "signature": signed.signature}
    )


def _digest_of(content: bytes) -> list[tuple[str, int, str]]:
    digests = pack.Digests()
    for _ in digests.watch(pack.MANIFEST, [content]):
        pass
    return digests.found


def _see_one_moment() -> None:
    """On PostgreSQL all questions of the transaction see the same state; SQLite does anyway."""
    if connection.vendor == "postgresql" and not connection.savepoint_ids:
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")


def _hours(
    organisation: Organisation,
    starts_at: datetime,
    ends_at: datetime,
    certificates: Iterable[CertificateRow],
) -> tuple[HourRow, ...]:
    charged = demand_by_interval(organisation, starts_at, ends_at)
    missing = missing_by_interval(organisation, starts_at, ends_at)
    areas = {area.pk: area for area in Area.objects.all()}
    certified = _sums(organisation, starts_at, ends_at, CERTIFIED)
    renewable = _sums(organisation, starts_at, ends_at, {"retirement__mask__in": (1, 3)})
    matched = _sums(organisation, starts_at, ends_at, {})
    lengths = {(row.area, row.used_from): row.used_minutes for row in certificates}
    rows = []
    for place in sorted({*charged, *matched}, key=lambda one: (one[1], areas[one[0]].code)):
        area, start = areas[place[0]], to_utc(place[1])
        rows.append(
            HourRow(
                area=area.code,
                starts_at=start,
                minutes=lengths.get((area.code, start), area.matching_minutes),
                charged_wh=charged.get(place, 0),
                matched_wh=matched.get(place, 0),
                renewable_wh=renewable.get(place, 0),
                certified_wh=certified.get(place, 0),
                missing_wh=missing.get(place, 0),
            )
        )
    return tuple(rows)


def _sums(
    organisation: Organisation, starts_at: datetime, ends_at: datetime, kind: dict[str, Any]
) -> dict[Place, int]:
    rows = (
        valid_allocations(organisation, starts_at, ends_at)
        .filter(session_hour__session__final=True, **kind)
        .values_list("session_hour__session__area", "session_hour__starts_at")
        .annotate(wh=Sum("retirement__amount_wh"))
        .order_by()
    )
    return {(area, to_seconds(start)): wh for area, start, wh in rows}


def _certificates(
    organisation: Organisation, starts_at: datetime, ends_at: datetime
) -> tuple[CertificateRow, ...]:
    rows = (
        valid_allocations(organisation, starts_at, ends_at)
        .filter(session_hour__session__final=True)
        .order_by(
            "session_hour__starts_at",
            "session_hour__session__area__code",
            "retirement__lot__code",
            "retirement__mask",
            "pk",
        )
        .values_list(
            "session_hour__starts_at",
            "session_hour__length_minutes",
            "session_hour__session__area__code",
            "retirement__lot__device__gsrn",
            "retirement__lot__starts_at",
            "retirement__lot__length_minutes",
            "retirement__lot__code",
            "retirement__mask",
            "retirement__amount_wh",
            "retirement__first_renewable_wh",
            "retirement__first_emissions_wh",
            "retirement__lot__factor_ug_per_wh",
            "retirement__entry__outbox_item__batch__block__height",
            "retirement__entry",
            "retirement__entry__outbox_item__status",
        )
    )
    return tuple(_certificate(row) for row in rows.iterator(chunk_size=CHUNK_ROWS))


def _certificate(row: tuple[Any, ...]) -> CertificateRow:
    *facts, block, entry, status = row
    is_certified = status == OutboxItem.Status.CERTIFIED
    return CertificateRow._make((*facts, block if is_certified else None, entry))


def _statements(
    organisation: Organisation, starts_at: datetime, ends_at: datetime
) -> tuple[dict[str, str | int], ...]:
    """What was certified by month of use, plant, attributes and purpose."""
    sums = _claim_sums(organisation, starts_at, ends_at)
    plants = _plants(gsrn for _, *both, _, _, _, _, _ in sums for gsrn in both)
    return tuple(
        _statement(organisation, plants, claim, wh, count)
        for claim, (wh, count) in sorted(sums.items())
    )


def _claim_sums(
    organisation: Organisation, starts_at: datetime, ends_at: datetime
) -> dict[tuple[Any, ...], list[int]]:
    """Wh and number of retirements by month of use, plants, mask and what they were for."""
    allocations = valid_allocations(organisation, starts_at, ends_at).filter(
        session_hour__session__final=True, **CERTIFIED
    )
    rows = allocations.values_list(
        "session_hour__starts_at",
        "retirement__lot__device__gsrn",
        of_source("retirement__lot", "gsrn"),
        "retirement__mask",
        "retirement__beneficiary_type",
        "retirement__beneficiary",
        "retirement__purpose",
        "retirement__country",
        "retirement__amount_wh",
    )
    sums: dict[tuple[Any, ...], list[int]] = defaultdict(lambda: [0, 0])
    for start, *kind, amount in rows.iterator(chunk_size=CHUNK_ROWS):
        total = sums[f"{start:%Y-%m}", *kind]
        total[0] += amount
        total[1] += 1
    return sums


def _statement(
    organisation: Organisation,
    plants: dict[str, dict[str, str]],
    claim: tuple[Any, ...],
    amount_wh: int,
    retirements: int,
) -> dict[str, str | int]:
    month, gsrn, source, mask, kind, beneficiary, purpose, country = claim
    return {
        "document": "cancellation statement",
        "registry": settings.REGISTRY_ID,
        "claimant": organisation.slug,
        "claimant_name": organisation.name,
        "month": month,
        "plant_gsrn": gsrn,
        **plants[gsrn],
        **{name: plants[source][name] for name in ("technology", "energy_source")},
        "generated_by": source,
        "attributes": pack.ATTRIBUTES[mask],
        "beneficiary_type": Retirement.BeneficiaryType(kind).label,
        "beneficiary": beneficiary,
        "purpose": purpose,
        "country": country,
        "amount_wh": amount_wh,
        "retirements": retirements,
    }


def _plants(numbers: Iterable[str]) -> dict[str, dict[str, str]]:
    devices = Device.objects.filter(gsrn__in=set(numbers)).select_related("area")
    return {
        device.gsrn: {
            "plant": device.name,
            "technology": device.technology_code,
            "energy_source": device.energy_source_code,
            "plant_area": device.area.code,
        }
        for device in devices
    }
