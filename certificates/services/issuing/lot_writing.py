"""Writing lots: what is due becomes an entry of the book, shared by the agreements in force."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

import numpy as np

from certificates.domain import whole_certificates
from certificates.domain.eecs import generates_renewable
from certificates.domain.lot_columns import Given, LotColumns
from certificates.domain.lot_facts import attributes, device_facts
from certificates.domain.meter_values import minute_of
from certificates.domain.ownership import Owners
from certificates.domain.sharing import Fixed, entitlement, shares, shares_of_many
from certificates.errors import FactorMissing
from certificates.models import Device, EmissionFactor, Lot, LotAsset, Organisation
from certificates.queries.holding.agreements import StandingShare, standing_shares
from certificates.queries.plants.factors import factor_for, factor_name
from certificates.queries.plants.ownership import owners_of
from certificates.queries.readings.issuable import IssuableReading, next_sequences
from certificates.queries.readings.tallies import tallies
from certificates.queries.readings.whole_waiting import dues, issued_wh
from certificates.signals import lots_issued
from ledger.domain.lot_data import leaves
from ledger.domain.sheet import Moves, Sheet
from ledger.domain.token_id import PRODUCTION
from ledger.domain.token_id import codes as token_codes
from ledger.models import Account, Entry
from ledger.models.bulk import insert_columns, reserve_ids
from ledger.services.accounts import create_certificate_assets, system_account
from ledger.services.book import post_sheet

MINUTE = timedelta(minutes=1)
ISSUE = Entry.Kind.ISSUE.value  # a plain text: quicker to write than the member
FIRST = 0  # sequence of an interval's first lot; later ones count on


class Due(NamedTuple):
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
    facts: Mapping[str, str]
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
        facts=facts,
        agreements=standing_shares(device),
    )


def write_lots(*, terms: Terms, due: Sequence[Due], now: datetime) -> None:
    """Issue the lots, each under the next free sequence of its interval."""
    sequences = next_sequences(terms.device, [each.reading for each in due])
    lots = _columns(due, sequences)
    given = _given(terms, due, sequences, now)
    number, mask = int(terms.device.gsrn), terms.mask
    codes = token_codes(PRODUCTION, number, mask, lots.minutes, lots.lengths, lots.sequences)
    assets = create_certificate_assets(codes)
    sheet = _sheet(terms, lots, assets, given)
    entries = post_sheet(sheet=sheet, now=now, new_assets=True)
    ids, factor = reserve_ids(Lot, len(due)), terms.factor
    rows = {
        "id": ids,
        "device": terms.device.pk,
        "starts_at": np.array(lots.minutes).astype("datetime64[m]"),
        "length_minutes": lots.lengths,
        "sequence": lots.sequences,
        "code": [f"{code[:-2]}00" for code in codes],
        "mask": terms.mask,
        "amount_wh": lots.amounts,
        "quality": lots.qualities,
        "factor": factor.pk if factor else None,
        "factor_ug_per_wh": factor.emissions_ug_per_wh if factor else None,
        "reading": [each.reading.pk for each in due],
        "entry": entries,
        "issued_at": now,
    }
    insert_columns(Lot, rows, len(due))
    insert_columns(LotAsset, {"asset": assets, "lot": ids, "mask": terms.mask}, len(due))
    lots_issued.send(sender=Lot, days=given.days(lots.minutes))


def _columns(due: Sequence[Due], sequences: Mapping[tuple[datetime, int], int]) -> LotColumns:
    readings = [each.reading for each in due]
    starts = [reading.starts_at for reading in readings]
    lengths = [(reading.ends_at - reading.starts_at) // MINUTE for reading in readings]
    places = zip(starts, lengths, strict=True)
    return LotColumns(
        minutes=[minute_of(at) for at in starts],
        lengths=lengths,
        sequences=[sequences.get(place, FIRST) for place in places]
        if sequences
        else [FIRST] * len(due),
        amounts=[each.amount_wh for each in due],
        qualities=[reading.quality for reading in readings],
        files=[reading.file_sha256 for reading in readings],
    )


def _sheet(terms: Terms, lots: LotColumns, assets: Sequence[int], given: Given) -> Sheet:
    """An entry for each lot: the shares of agreements and of the owner, and its facts' leaf."""
    starts, gsrn = lots.starts(), terms.device.gsrn
    return Sheet(
        [
            f"issue:{gsrn}:{start}:{length}:{sequence}"
            for start, length, sequence in zip(starts, lots.lengths, lots.sequences, strict=True)
        ],
        [ISSUE] * len(assets),
        leaves(terms.facts, lots.facts()),
        Moves(
            given.lots,
            np.full(len(given.lots), terms.source),
            given.accounts,
            np.array(assets)[given.lots],
            given.amounts,
        ),
    )


def _given(
    terms: Terms,
    due: Sequence[Due],
    sequences: Mapping[tuple[datetime, int], int],
    now: datetime,
) -> Given:
    """Wh of each lot by the account that gets them."""
    amounts = [each.amount_wh for each in due]
    starts = [each.reading.starts_at for each in due]
    if terms.device.whole_certificates:
        return Given.of_each(
            whole_certificates.shares(
                amounts,
                [_ppm_at(terms, at) for at in starts],
                _owners(terms, starts),
                dues(terms.device),
                issued_wh(terms.device),
            )
        )
    if any(each.wh_per_hour for each in terms.agreements):
        before = _issued_before(terms, due, sequences, now)
        return Given.of_each(
            [_shares(terms, each, before.get(each.reading.starts_at, 0)) for each in due]
        )
    ppm = [
        (each.account, np.array([each.share_ppm if each.holds_at(at) else 0 for at in starts]))
        for each in terms.agreements
    ]
    owners = np.array(_owners(terms, starts))
    return Given.of_all(shares_of_many(np.array(amounts), ppm, owners))


def _owners(terms: Terms, starts: Sequence[datetime]) -> list[int]:
    """The accounts of whom the output of intervals belongs to."""
    if not terms.owners.changes:
        return [int(terms.owners.owners[0].account_id)] * len(starts)
    return [int(terms.owners.at(at).account_id) for at in starts]


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
    had = {start for start, _ in sequences}
    starts = [each.reading.starts_at for each in due if each.reading.starts_at in had]
    return {at: tally.standing_wh for at, tally in tallies(terms.device, starts, now).items()}


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
    (owner,) = _owners(terms, [due.reading.starts_at])
    return shares(due.amount_wh, parts, owner, fixed, before_wh)
