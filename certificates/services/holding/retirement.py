"""Retiring certificates for a beneficiary (a cancellation): irreversible once settled."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from certificates.errors import RetirementRefused
from certificates.models import Retirement
from ledger.models import Account, Entry
from ledger.models.bulk import insert, reserve_ids
from ledger.services.accounts import system_account
from ledger.services.book import Draft, Move, post_entries, reverse_entry

LOOK_UP = 500  # ids in one query
CLOSE = 4  # ids from first to last for each that is looked for: then a range is one query
BENEFICIARY_TYPES = frozenset(Retirement.BeneficiaryType.values)


@dataclass(frozen=True, slots=True)
class RetirementRequest:
    """Wh of one asset to be used for one beneficiary, once per key.

    `holder` and `claimant` are organisation ids, `account` the holder's account id.
    `commitment` (32 bytes) is what the chain keeps of the claim; whoever consumed knows
    what `reference` names. The consumption period is half-open.
    """

    key: str
    holder: int
    account: int
    asset: int
    lot: int
    mask: int
    amount_wh: int
    claimant: int
    beneficiary_type: str
    beneficiary: str
    purpose: str
    country: str
    consumption_starts_at: datetime
    consumption_ends_at: datetime
    reference: str
    commitment: bytes


@transaction.atomic
def retire_many(*, requests: Sequence[RetirementRequest], now: datetime) -> list[int]:
    """Retire all or none; returns the retirements' ids in the same order.

    A key that was retired before with the same content answers with the first retirement.
    Raises: RetirementRefused, ledger.errors.KeyReused, ledger.errors.Overdrawn.
    """
    for request in requests:
        _check(request)
    retired = system_account(Account.System.RETIRED).pk
    drafts = [
        Draft(
            request.key,
            Entry.Kind.RETIRE,
            [Move(request.account, retired, request.asset, request.amount_wh)],
            request.commitment,
        )
        for request in requests
    ]
    entries = post_entries(drafts=drafts, now=now)
    known = _by_entry(entries)
    fresh = {
        entry: request
        for entry, request in zip(entries, requests, strict=True)
        if entry not in known
    }
    known |= _insert(fresh, now)
    return [known[entry] for entry in entries]


@transaction.atomic
def undo(*, retirement: Retirement, now: datetime) -> None:
    """Give the Wh back to the holder, as long as the retirement is not on its way to the chain.

    Raises: ledger.errors.AlreadySettled, ledger.errors.AlreadyReversed.
    """
    entry = retirement.entry
    reverse_entry(entry=entry, key=f"undo:{entry.key}", now=now)


def _check(request: RetirementRequest) -> None:
    if request.amount_wh <= 0:
        raise RetirementRefused(
            f"{request.amount_wh} Wh cannot be retired; name a positive amount."
        )
    if request.consumption_ends_at <= request.consumption_starts_at:
        raise RetirementRefused("The consumption ends before it starts.")
    if len(request.commitment) != 32:
        raise RetirementRefused("A commitment has 32 bytes.")
    if request.beneficiary_type not in BENEFICIARY_TYPES:
        raise RetirementRefused(f"{request.beneficiary_type!r} is no type of beneficiary.")


def _insert(fresh: dict[int, RetirementRequest], now: datetime) -> dict[int, int]:
    ids = dict(zip(fresh, reserve_ids(Retirement, len(fresh)), strict=True))
    names = [
        "id",
        "entry",
        "lot",
        "mask",
        "amount_wh",
        "claimant",
        "beneficiary_type",
        "beneficiary",
    ]
    names += ["purpose", "country", "consumption_starts_at", "consumption_ends_at", "reference"]
    insert(
        Retirement,
        [*names, "retired_at"],
        [
            (
                ids[entry],
                entry,
                request.lot,
                request.mask,
                request.amount_wh,
                request.claimant,
                str(request.beneficiary_type),
                request.beneficiary,
                request.purpose,
                request.country,
                request.consumption_starts_at,
                request.consumption_ends_at,
                request.reference,
                now,
            )
            for entry, request in fresh.items()
        ],
    )
    return ids


def _by_entry(entries: Sequence[int]) -> dict[int, int]:
    """The retirements of entries that were there before."""
    found: dict[int, int] = {}
    first, last = (min(entries), max(entries)) if entries else (0, 0)
    if last - first < CLOSE * len(entries):  # as new ones are, and those of one earlier round
        near = Retirement.objects.filter(entry__gte=first, entry__lte=last)
        wanted = set(entries)
        return {entry: pk for entry, pk in near.values_list("entry_id", "pk") if entry in wanted}
    for start in range(0, len(entries), LOOK_UP):
        rows = Retirement.objects.filter(entry__in=entries[start : start + LOOK_UP])
        found |= dict(rows.values_list("entry_id", "pk"))
    return found
