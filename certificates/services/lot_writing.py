"""Writing lots: what is due becomes an entry of the book, shared by the agreements in force."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from certificates.domain.eecs import generates_renewable
from certificates.domain.lot_facts import (
    INTERVAL_FACTS,
    attributes,
    device_facts,
    instant,
    interval_facts,
)
from certificates.domain.meter_values import minute_of
from certificates.domain.sharing import Fixed, entitlement, shares
from certificates.errors import FactorMissing
from certificates.models import Device, EmissionFactor, Lot, LotAsset
from certificates.queries.agreements import StandingShare, standing_shares
from certificates.queries.factors import factor_for, factor_name
from certificates.queries.issuable import IssuableReading, next_sequences
from certificates.queries.tallies import tallies
from ledger.domain.lot_data import leaf_maker
from ledger.domain.token_id import PRODUCTION, TokenId
from ledger.models import Account, Entry
from ledger.models.bulk import insert, reserve_ids
from ledger.services.accounts import create_certificate_assets, system_account
from ledger.services.book import Draft, Move, post_entries

MINUTE = timedelta(minutes=1)
FIRST = 0  # sequence of an interval's first lot; later ones count on


@dataclass(frozen=True, slots=True)
class Due:
    """Wh to be issued for a reading; less than it says where a part was withheld."""

    reading: IssuableReading
    amount_wh: int


@dataclass(frozen=True, slots=True)
class Terms:
    """What all lots of a device have in common while it is locked."""

    device: Device
    owner: int
    source: int
    mask: int
    factor: EmissionFactor | None
    leaf: Callable[[Mapping[str, str]], bytes]
    agreements: Sequence[StandingShare]


@dataclass(frozen=True, slots=True)
class Plan:
    """A lot to be written."""

    due: Due
    token: TokenId
    draft_moves: dict[int, int]
    digest: bytes


def terms_of(device: Device) -> Terms:
    """What holds for the device now. Raises: FactorMissing."""
    factor = factor_for(device)
    renewable = generates_renewable(device.technology_code, device.energy_source_code)
    mask = attributes(renewable=renewable, has_factor=factor is not None)
    if not mask:
        raise FactorMissing(
            f"No emission factor fits {device.technology_code} with {device.energy_source_code}, "
            "and the source is not renewable: a certificate would prove nothing. Register a "
            "factor; the readings wait until then."
        )
    facts = device_facts(
        gsrn=device.gsrn,
        technology=device.technology_code,
        source=device.energy_source_code,
        factor_ug_per_wh=factor.emissions_ug_per_wh if factor else None,
        factor=factor_name(factor) if factor else "",
    )
    return Terms(
        device=device,
        owner=device.organisation.account_id,
        source=system_account(Account.System.ISSUED).pk,
        mask=mask,
        factor=factor,
        leaf=leaf_maker(facts, INTERVAL_FACTS),
        agreements=standing_shares(device),
    )


def _plan(
    terms: Terms, due: Due, sequences: Mapping[tuple[datetime, int], int], before_wh: int
) -> Plan:
    reading = due.reading
    length = (reading.ends_at - reading.starts_at) // MINUTE
    in_force = [each for each in terms.agreements if each.holds_at(reading.starts_at)]
    parts = [(each.account, each.share_ppm) for each in in_force if each.share_ppm]
    fixed = [
        Fixed(each.account, entitlement(each.wh_per_hour, length))
        for each in in_force
        if each.wh_per_hour
    ]
    facts = interval_facts(
        starts_at=reading.starts_at,
        length_minutes=length,
        amount_wh=due.amount_wh,
        quality=reading.quality,
        file_sha256=reading.file_sha256,
    )
    return Plan(
        due=due,
        token=TokenId(
            kind=PRODUCTION,
            device=int(terms.device.gsrn),
            minute=minute_of(reading.starts_at),
            length=length,
            sequence=sequences.get((reading.starts_at, length), FIRST),
            mask=terms.mask,
        ),
        draft_moves=shares(due.amount_wh, parts, terms.owner, fixed, before_wh),
        digest=terms.leaf(facts),
    )


def write_lots(*, terms: Terms, due: Sequence[Due], now: datetime) -> None:
    """Issue the lots, each under the next free sequence of its interval."""
    sequences = next_sequences(terms.device, [each.reading for each in due])
    before = _issued_before(terms, due, sequences, now)
    plans = [_plan(terms, each, sequences, before.get(each.reading.starts_at, 0)) for each in due]
    assets = create_certificate_assets([plan.token.code for plan in plans])
    drafts = [_draft(plan, asset, terms) for plan, asset in zip(plans, assets, strict=True)]
    entries = post_entries(drafts=drafts, now=now, new_assets=True)
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
                plan.due.reading.starts_at,
                plan.token.length,
                plan.token.sequence,
                f"{plan.token.lot:040x}",
                terms.mask,
                plan.due.amount_wh,
                plan.due.reading.quality,
                factor.pk if factor else None,
                factor.emissions_ug_per_wh if factor else None,
                plan.due.reading.pk,
                entry,
                now,
            )
            for pk, plan, entry in zip(ids, plans, entries, strict=True)
        ],
    )
    rows = [(asset, lot, terms.mask) for asset, lot in zip(assets, ids, strict=True)]
    insert(LotAsset, ["asset", "lot", "mask"], rows)


def _issued_before(
    terms: Terms,
    due: Sequence[Due],
    sequences: Mapping[tuple[datetime, int], int],
    now: datetime,
) -> dict[datetime, int]:
    """Wh that stand of intervals with earlier lots, where an agreement gives Wh of each hour."""
    if not any(each.wh_per_hour for each in terms.agreements):
        return {}
    had = {start for start, _ in sequences}
    starts = [each.reading.starts_at for each in due if each.reading.starts_at in had]
    return {at: tally.standing_wh for at, tally in tallies(terms.device, starts, now).items()}


def _draft(plan: Plan, asset: int, terms: Terms) -> Draft:
    start = instant(plan.due.reading.starts_at)
    key = f"issue:{terms.device.gsrn}:{start}:{plan.token.length}:{plan.token.sequence}"
    moves = [
        Move(terms.source, account, asset, amount) for account, amount in plan.draft_moves.items()
    ]
    return Draft(key, Entry.Kind.ISSUE, moves, plan.digest)
