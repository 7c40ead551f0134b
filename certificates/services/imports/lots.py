"""Writing lots for certificates of another registry: one for each of its bundles, to the owner."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Max

from certificates.domain.eecs import generates_renewable
from certificates.domain.external.line import ExternalLine
from certificates.domain.external.moments import instant_of
from certificates.domain.external.serials import padded
from certificates.domain.formats.times import text_of
from certificates.domain.lot_facts import (
    INTERVAL_FACTS,
    attributes,
    device_facts,
    instant,
    interval_facts,
)
from certificates.errors import FactorMissing, ImportRefused
from certificates.models import (
    CertificateImport,
    Device,
    EmissionFactor,
    ExternalRange,
    ExternalRegistry,
    Lot,
    LotAsset,
)
from certificates.queries.external_ranges import last_sequences
from certificates.queries.plants.factors import factor_for, factor_name
from certificates.services.meters.import_progress import Progress
from certificates.signals import lots_issued
from ledger.domain.lot_data import leaf_maker
from ledger.domain.token_id import IMPORTED, TokenId
from ledger.models import Account, Entry
from ledger.models.bulk import insert, reserve_ids
from ledger.services.accounts import create_certificate_assets, system_account
from ledger.services.book import Draft, Move, post_entries

MOST_FACTORS = 1_000  # that differ, in one file
LAST_VERSION = 32_767  # what the register counts versions with
# A stated factor is of one plant at one time, not of a technology: under no technology's code
# it is never taken for another plant.
NO_TECHNOLOGY = ""
CHUNK = 1_000
PLANNED, POSTED, WRITTEN, DONE = 1, 2, 3, 4  # the steps of the writing


@dataclass(frozen=True, slots=True)
class Plan:
    """A lot to be written for a line."""

    line: ExternalLine
    token: TokenId
    factor: EmissionFactor | None
    digest: bytes


def write_lots(
    *,
    brought: CertificateImport,
    lines: Sequence[ExternalLine],
    takes_factors: bool,
    now: datetime,
    progress: Progress = lambda done, total: None,
) -> int:
    """Issue a lot for every line and note its serials; returns how many. `progress` hears of
    the lines written and of all; each step writes every line, and counts as a part.

    The caller holds the locks on the device and on the registries.
    Raises: FactorMissing, ImportRefused.
    """
    device = brought.device
    stated = _stated_factors(brought, lines) if takes_factors else {}
    plans = _plans(device, brought.sha256, lines, stated)
    assets = create_certificate_assets([plan.token.code for plan in plans])
    source, owner = system_account(Account.System.ISSUED).pk, device.organisation.account_id
    drafts = [
        Draft(
            f"issue:{device.gsrn}:{instant(plan.token.starts_at)}:{plan.token.length}"
            f":{plan.token.sequence}",
            Entry.Kind.ISSUE,
            [Move(source, owner, asset, plan.line.amount_wh)],
            plan.digest,
        )
        for plan, asset in zip(plans, assets, strict=True)
    ]
    progress(len(plans) * PLANNED // DONE, len(plans))
    entries = post_entries(drafts=drafts, now=now, new_assets=True)
    progress(len(plans) * POSTED // DONE, len(plans))
    ids = reserve_ids(Lot, len(plans))
    _insert_lots(device, plans, ids, entries, now)
    rows = [
        (asset, pk, plan.token.mask) for plan, asset, pk in zip(plans, assets, ids, strict=True)
    ]
    insert(LotAsset, ["asset", "lot", "mask"], rows)
    progress(len(plans) * WRITTEN // DONE, len(plans))
    _note_serials(brought, plans, ids)
    lots_issued.send(sender=Lot, days={owner: {plan.token.starts_at.date() for plan in plans}})
    return len(plans)


def _plans(
    device: Device,
    sha256: str,
    lines: Sequence[ExternalLine],
    stated: Mapping[int, EmissionFactor],
) -> list[Plan]:
    own = factor_for(device)
    leaves: dict[int | None, Callable[[Mapping[str, str]], bytes]] = {}
    renewable = generates_renewable(device.technology_code, device.energy_source_code)
    edges = [instant_of(edge(line.start for line in lines)) for edge in (min, max)]
    used = last_sequences(device, *edges)
    plans = []
    for line in sorted(lines, key=lambda line: (line.start, line.line)):
        starts_at, factor = instant_of(line.start), stated.get(line.line, own)
        mask = attributes(renewable=renewable, has_factor=factor is not None)
        if not mask:
            raise FactorMissing(
                f"Line {line.line} states no emission factor, this registry knows none for "
                f"{device.technology_code} with {device.energy_source_code}, and the source is "
                "not renewable: a certificate would prove nothing."
            )
        sequence = used.get((starts_at, line.length), -1) + 1
        used[starts_at, line.length] = sequence
        named = factor.pk if factor else None
        if named not in leaves:
            leaves[named] = _leaf(device, factor)
        facts = interval_facts(
            starts_at=starts_at,
            length_minutes=line.length,
            amount_wh=line.amount_wh,
            quality=device.quality,
            file_sha256=sha256,
        )
        token = TokenId(IMPORTED, int(device.gsrn), line.start, line.length, sequence, mask)
        plans.append(Plan(line, token, factor, leaves[named](facts)))
    return plans


def _leaf(device: Device, factor: EmissionFactor | None) -> Callable[[Mapping[str, str]], bytes]:
    facts = device_facts(
        gsrn=device.gsrn,
        technology=device.technology_code,
        source=device.energy_source_code,
        factor_ug_per_wh=factor.emissions_ug_per_wh if factor else None,
        factor=factor_name(factor) if factor else "",
    )
    return leaf_maker(facts, INTERVAL_FACTS)


def _insert_lots(
    device: Device, plans: Sequence[Plan], ids: Sequence[int], entries: Sequence[int], now: datetime
) -> None:
    names = ["id", "device", "starts_at", "length_minutes", "sequence", "code", "mask"]
    names += ["amount_wh", "quality", "factor", "factor_ug_per_wh", "entry", "issued_at"]
    rows = [
        (
            pk,
            device.pk,
            plan.token.starts_at,
            plan.token.length,
            plan.token.sequence,
            f"{plan.token.lot:040x}",
            plan.token.mask,
            plan.line.amount_wh,
            device.quality,
            plan.factor.pk if plan.factor else None,
            plan.factor.emissions_ug_per_wh if plan.factor else None,
            entry,
            now,
        )
        for pk, plan, entry in zip(ids, plans, entries, strict=True)
    ]
    insert(Lot, names, rows)


def _note_serials(brought: CertificateImport, plans: Sequence[Plan], ids: Sequence[int]) -> None:
    ranges = [
        ExternalRange(
            registry_id=brought.registry_id,
            brought_in=brought,
            line=plan.line.line,
            issuance_id=plan.line.issuance_id,
            first_serial=padded(plan.line.first_serial),
            last_serial=padded(plan.line.last_serial),
            lot_id=pk,
            facts={
                **plan.line.facts,
                "issuance_id": plan.line.issuance_id,
                **({"expires_at": text_of(plan.line.expires)} if plan.line.expires else {}),
            },
        )
        for plan, pk in zip(plans, ids, strict=True)
    ]
    ExternalRange.objects.bulk_create(ranges, batch_size=CHUNK)


def _stated_factors(
    brought: CertificateImport, lines: Sequence[ExternalLine]
) -> dict[int, EmissionFactor]:
    """The register entry of each line's factor, by line; a new version where it is new.

    The caller's lock on all external registries lets one import at a time count versions.
    """
    source = brought.device.energy_source_code
    known: dict[tuple[int, str, int], EmissionFactor] = {}
    for row in EmissionFactor.objects.filter(
        technology_code=NO_TECHNOLOGY, energy_source_code=source
    ):
        known[row.emissions_ug_per_wh, row.source, row.year] = row
    highest = EmissionFactor.objects.filter(
        technology_code=NO_TECHNOLOGY, energy_source_code=source
    ).aggregate(last=Max("version"))["last"]
    fresh: list[EmissionFactor] = []
    found: dict[int, EmissionFactor] = {}
    for line in lines:
        if line.factor_ug_per_wh is None:
            continue
        named = _source_of(brought.registry, line)
        key = (line.factor_ug_per_wh, named, instant_of(line.start).year)
        if key not in known:
            known[key] = _new_factor(source, key, (highest or 0) + len(fresh) + 1)
            fresh.append(known[key])
        found[line.line] = known[key]
    if len(fresh) > MOST_FACTORS or (highest or 0) + len(fresh) > LAST_VERSION:
        raise ImportRefused(
            f"The file states {len(fresh):,} emission factors that are not known here, more than "
            f"{MOST_FACTORS:,}. Split it, or choose this registry's factor."
        )
    for factor in fresh:
        factor.save()
    return found


def _new_factor(source: str, key: tuple[int, str, int], version: int) -> EmissionFactor:
    micrograms, named, year = key
    return EmissionFactor(
        technology_code=NO_TECHNOLOGY,
        energy_source_code=source,
        version=version,
        emissions_ug_per_wh=micrograms,
        scope=EmissionFactor.Scope.LIFECYCLE,
        source=named,
        year=year,
    )


def _source_of(registry: ExternalRegistry, line: ExternalLine) -> str:
    stated = line.facts.get("emissions_factor_source", "")
    return f"Stated by {registry.name}{f': {stated}' if stated else ''}"[:200]
