"""Accepted readings become certificates."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import transaction

from certificates.domain.device_states import check_can_issue
from certificates.domain.eecs import generates_renewable
from certificates.domain.lot_facts import attributes, device_facts, instant, interval_facts
from certificates.domain.meter_values import minute_of
from certificates.domain.sharing import shares
from certificates.errors import DeviceNotApproved, FactorMissing
from certificates.models import Device, EmissionFactor, Lot, LotAsset
from certificates.queries.factors import factor_for, factor_name
from certificates.queries.issuable import (
    IssuableReading,
    first_issuable,
    issuable_readings,
    next_sequences,
)
from ledger.domain.lot_data import data_leaf
from ledger.domain.token_id import PRODUCTION, TokenId
from ledger.models import Account, Entry
from ledger.models.bulk import insert, reserve_ids
from ledger.services.accounts import create_certificate_assets, system_account
from ledger.services.book import Draft, Move, post_entries

Progress = Callable[[int, int], None]
CHUNK = 2_000  # lots in one transaction
MINUTE = timedelta(minutes=1)
FIRST = 0  # sequence of an interval's first lot; later ones count on


@dataclass(slots=True)
class IssueReport:
    """What was issued. `waiting` says why devices with readings got nothing, by GSRN."""

    lots: int = 0
    issued_wh: int = 0
    devices: int = 0
    waiting: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Terms:
    """What all lots of a device have in common while it is locked.

    `agreements` are (account id, ppm, starts_at, ends_at or None).
    """

    device: Device
    owner: int
    source: int
    mask: int
    factor: EmissionFactor | None
    facts: dict[str, str]
    agreements: Sequence[tuple[int, int, datetime, datetime | None]]


@dataclass(frozen=True, slots=True)
class Plan:
    """A lot to be written."""

    reading: IssuableReading
    token: TokenId
    draft_moves: dict[int, int]
    digest: bytes


def issue(
    *,
    device: Device | None = None,
    starts_at: datetime | None = None,
    ends_at: datetime | None = None,
    now: datetime,
    progress: Progress | None = None,
) -> IssueReport:
    """One lot for each positive reading without one, of one device or of all approved ones.

    Readings are measured or calculated, accepted, over, and start in [starts_at, ends_at).
    Each transaction issues up to 2,000 lots; again issues only what is new, and what the
    chain refused, under the next sequence.
    Raises: DeviceNotApproved, FactorMissing (for a named device; others are reported).
    """
    report = IssueReport()
    if device is not None:
        _issue_device(device, (starts_at, ends_at), now, report, progress)
        return report
    for each in Device.objects.filter(status=Device.Status.APPROVED).order_by("gsrn"):
        try:
            _issue_device(each, (starts_at, ends_at), now, report, progress)
        except (DeviceNotApproved, FactorMissing) as error:
            report.waiting[each.gsrn] = str(error)
    return report


def _issue_device(
    device: Device,
    period: tuple[datetime | None, datetime | None],
    now: datetime,
    report: IssueReport,
    progress: Progress | None,
) -> None:
    check_can_issue(device.name, device.status)
    before, total = report.lots, 0
    if progress:
        total = before + issuable_readings(device, *period, now=now).count()
    last: datetime | None = None
    while True:
        amounts, last = _issue_chunk(device, (last or period[0], period[1]), now)
        report.lots += len(amounts)
        report.issued_wh += sum(amounts)
        if progress:
            progress(report.lots, max(total, report.lots))
        if last is None:
            break
    report.devices += report.lots > before


@transaction.atomic
def _issue_chunk(
    device: Device, period: tuple[datetime | None, datetime | None], now: datetime
) -> tuple[list[int], datetime | None]:
    # The lock lets one issuance of a device look for readings and write lots at a time.
    locked = Device.objects.select_for_update().get(pk=device.pk)
    check_can_issue(locked.name, locked.status)
    readings = first_issuable(issuable_readings(locked, *period, now=now), CHUNK)
    if not readings:
        return [], None
    terms = _terms(locked)
    sequences = next_sequences(locked, readings)
    _write([_plan(terms, reading, sequences) for reading in readings], terms, now)
    last = readings[-1].starts_at if len(readings) == CHUNK else None
    return [reading.energy_wh for reading in readings], last


def _terms(device: Device) -> Terms:
    factor = factor_for(device)
    renewable = generates_renewable(device.technology_code, device.energy_source_code)
    mask = attributes(renewable=renewable, has_factor=factor is not None)
    if not mask:
        raise FactorMissing(
            f"No emission factor fits {device.technology_code} with {device.energy_source_code}, "
            "and the source is not renewable: a certificate would prove nothing. Register a "
            "factor; the readings wait until then."
        )
    return Terms(
        device=device,
        owner=device.organisation.account_id,
        source=system_account(Account.System.ISSUED).pk,
        mask=mask,
        factor=factor,
        facts=device_facts(
            gsrn=device.gsrn,
            technology=device.technology_code,
            source=device.energy_source_code,
            factor_ug_per_wh=factor.emissions_ug_per_wh if factor else None,
            factor=factor_name(factor) if factor else "",
        ),
        agreements=list(
            device.agreements.order_by("pk").values_list(
                "to__account", "share_ppm", "starts_at", "ends_at"
            )
        ),
    )


def _plan(
    terms: Terms, reading: IssuableReading, sequences: Mapping[tuple[datetime, int], int]
) -> Plan:
    length = (reading.ends_at - reading.starts_at) // MINUTE
    in_force = [
        (account, ppm)
        for account, ppm, begin, end in terms.agreements
        if begin <= reading.starts_at and (end is None or reading.starts_at < end)
    ]
    facts = interval_facts(
        starts_at=reading.starts_at,
        length_minutes=length,
        amount_wh=reading.energy_wh,
        quality=reading.quality,
        file_sha256=reading.file_sha256,
    )
    return Plan(
        reading=reading,
        token=TokenId(
            kind=PRODUCTION,
            device=int(terms.device.gsrn),
            minute=minute_of(reading.starts_at),
            length=length,
            sequence=sequences.get((reading.starts_at, length), FIRST),
            mask=terms.mask,
        ),
        draft_moves=shares(reading.energy_wh, in_force, terms.owner),
        digest=data_leaf(terms.facts | facts),
    )


def _write(plans: Sequence[Plan], terms: Terms, now: datetime) -> None:
    assets = create_certificate_assets([plan.token.code for plan in plans])
    drafts = [_draft(plan, asset, terms) for plan, asset in zip(plans, assets, strict=True)]
    entries = post_entries(drafts=drafts, now=now)
    ids, factor = reserve_ids(Lot, len(plans)), terms.factor
    names = ["id", "device", "starts_at", "length_minutes", "sequence", "code", "mask"]
    names += ["amount_wh", "quality", "factor", "factor_ug_per_wh", "reading", "entry"]
    insert(
        Lot,
        [*names, "issued_at"],
        [
            (
                pk,
                terms.device.pk,
                plan.reading.starts_at,
                plan.token.length,
                plan.token.sequence,
                f"{plan.token.lot:040x}",
                terms.mask,
                plan.reading.energy_wh,
                plan.reading.quality,
                factor.pk if factor else None,
                factor.emissions_ug_per_wh if factor else None,
                plan.reading.pk,
                entry,
                now,
            )
            for pk, plan, entry in zip(ids, plans, entries, strict=True)
        ],
    )
    rows = [(asset, lot, terms.mask) for asset, lot in zip(assets, ids, strict=True)]
    insert(LotAsset, ["asset", "lot", "mask"], rows)


def _draft(plan: Plan, asset: int, terms: Terms) -> Draft:
    start = instant(plan.reading.starts_at)
    key = f"issue:{terms.device.gsrn}:{start}:{plan.token.length}:{plan.token.sequence}"
    moves = [
        Move(terms.source, account, asset, amount) for account, amount in plan.draft_moves.items()
    ]
    return Draft(key, Entry.Kind.ISSUE, moves, plan.digest)
