"""Writing lots: what is due becomes an entry of the book, shared by the agreements in force."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from certificates.domain import whole_certificates
from certificates.domain.eecs import generates_renewable
from certificates.domain.lot_facts import (
    INTERVAL_FACTS,
    attributes,
    device_facts,
    interval_facts,
)
from certificates.domain.meter_values import minute_of
from certificates.domain.ownership import Owners
from certificates.domain.sharing import Fixed, entitlement, shares
from certificates.errors import FactorMissing
from certificates.models import Device, EmissionFactor, Lot, LotAsset, Organisation
from certificates.queries.agreements import StandingShare, standing_shares
from certificates.queries.factors import factor_for, factor_name
from certificates.queries.issuable import IssuableReading, next_sequences
from certificates.queries.ownership import owners_of
from certificates.queries.tallies import tallies
from certificates.queries.whole_waiting import dues, issued_wh
from ledger.domain.lot_data import leaf_maker
from ledger.domain.token_id import PRODUCTION, TokenId
from ledger.models import Account, Entry
from ledger.models.bulk import insert, reserve_ids
from ledger.services.accounts import create_certificate_assets, system_account
from ledger.services.book import Draft, Move, post_entries

MINUTE = timedelta(minutes=1)
ISSUE = Entry.Kind.ISSUE.value  # a plain text: quicker to write than the member
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
    owners: Owners[Organisation]
    source: int
    mask: int
    factor: EmissionFactor | None
    leaf: Callable[[Mapping[str, str]], bytes]
    agreements: Sequence[StandingShare]


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
        owners=owners_of(device),
        source=system_account(Account.System.ISSUED).pk,
        mask=mask,
        factor=factor,
        leaf=leaf_maker(facts, INTERVAL_FACTS),
        agreements=standing_shares(device),
    )


def write_lots(*, terms: Terms, due: Sequence[Due], now: datetime) -> None:
    """Issue the lots, each under the next free sequence of its interval."""
    sequences = next_sequences(terms.device, [each.reading for each in due])
    given = _given(terms, due, sequences, now)
    tokens = _tokens(terms, due, sequences)
    assets = create_certificate_assets([token.code for token in tokens])
    drafts = [
        _draft(terms, each, token, asset, to)
        for each, token, asset, to in zip(due, tokens, assets, given, strict=True)
    ]
    entries = post_entries(drafts=drafts, now=now, new_assets=True)
    ids, factor = reserve_ids(Lot, len(due)), terms.factor
    names = ["id", "device", "starts_at", "length_minutes", "sequence", "code", "mask"]
    names += ["amount_wh", "quality", "factor", "factor_ug_per_wh", "reading", "entry"]
    insert(
        Lot,
        [*names, "issued_at"],
        [
            (
                pk,
                terms.device.pk,
                each.reading.starts_at,
                token.length,
                token.sequence,
                f"{token.lot:040x}",
                terms.mask,
                each.amount_wh,
                each.reading.quality,
                factor.pk if factor else None,
                factor.emissions_ug_per_wh if factor else None,
                each.reading.pk,
                entry,
                now,
            )
            for pk, each, token, entry in zip(ids, due, tokens, entries, strict=True)
        ],
    )
    rows = [(asset, lot, terms.mask) for asset, lot in zip(assets, ids, strict=True)]
    insert(LotAsset, ["asset", "lot", "mask"], rows)


def _tokens(
    terms: Terms, due: Sequence[Due], sequences: Mapping[tuple[datetime, int], int]
) -> list[TokenId]:
    number, tokens = int(terms.device.gsrn), []
    for each in due:
        start = each.reading.starts_at
        length = (each.reading.ends_at - start) // MINUTE
        sequence = sequences.get((start, length), FIRST)
        tokens.append(TokenId(PRODUCTION, number, minute_of(start), length, sequence, terms.mask))
    return tokens


def _given(
    terms: Terms,
    due: Sequence[Due],
    sequences: Mapping[tuple[datetime, int], int],
    now: datetime,
) -> list[dict[int, int]]:
    """Wh of each lot by the account that gets them."""
    if terms.device.whole_certificates:
        return whole_certificates.shares(
            [each.amount_wh for each in due],
            [_ppm_at(terms, each.reading.starts_at) for each in due],
            [_owner_at(terms, each.reading.starts_at) for each in due],
            dues(terms.device),
            issued_wh(terms.device),
        )
    before = _issued_before(terms, due, sequences, now)
    return [_shares(terms, each, before.get(each.reading.starts_at, 0)) for each in due]


def _owner_at(terms: Terms, at: datetime) -> int:
    """The account of whom the interval's output belongs to."""
    return int(terms.owners.at(at).account_id)


def _ppm_at(terms: Terms, at: datetime) -> dict[int, int]:
    found: dict[int, int] = {}
    for each in terms.agreements:
        if each.share_ppm and each.holds_at(at):
            found[each.account] = found.get(each.account, 0) + each.share_ppm
    return found


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


def _draft(terms: Terms, due: Due, token: TokenId, asset: int, given: Mapping[int, int]) -> Draft:
    """One lot's entry: the shares of agreements and of the owner, and the leaf of its facts."""
    facts = interval_facts(
        starts_at=due.reading.starts_at,
        length_minutes=token.length,
        amount_wh=due.amount_wh,
        quality=due.reading.quality,
        file_sha256=due.reading.file_sha256,
    )
    key = f"issue:{terms.device.gsrn}:{facts['start']}:{token.length}:{token.sequence}"
    moves = [Move(terms.source, account, asset, amount) for account, amount in given.items()]
    return Draft(key, ISSUE, moves, terms.leaf(facts))


def _shares(terms: Terms, due: Due, before_wh: int) -> dict[int, int]:
    length = (due.reading.ends_at - due.reading.starts_at) // MINUTE
    parts, fixed = [], []
    for each in terms.agreements:
        if not each.holds_at(due.reading.starts_at):
            continue
        if each.share_ppm:
            parts.append((each.account, each.share_ppm))
        if each.wh_per_hour:
            fixed.append(Fixed(each.account, entitlement(each.wh_per_hour, length)))
    owner = _owner_at(terms, due.reading.starts_at)
    return shares(due.amount_wh, parts, owner, fixed, before_wh)
