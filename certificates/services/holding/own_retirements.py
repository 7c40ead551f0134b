"""What holders retired at addresses of their own, without asking the registry.

The book follows the chain by itself; here each such retirement gets a row that says of which
lot it was and whose, so that look-ups, lists and pictures know it beside the registry's own.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from django.db import transaction
from django.db.models import F, Q, QuerySet

from certificates.domain.stretches import IN_CODE
from certificates.models import Lot, Organisation, OwnRetirement
from certificates.services.stretches import touch
from ledger.domain.token_id import TokenId, lot_of
from ledger.models import Batch, OutboxItem, OwnAddress
from ledger.services.consistency import SHOWN, Finding

CHECK = "own retirements"
LOOK_UP = 500  # names in one query
FACTS = (
    "entry",
    "entry__posted_at",
    "digest",
    "renewable_wh",
    "emissions_wh",
    "entry__postings__source",
    "entry__postings__asset__code",
    "entry__postings__amount",
)


def unnoted(entries: Sequence[int] | None = None) -> QuerySet[OutboxItem]:
    """Certified retirements at own addresses that have no row yet, among these entries or all."""
    found = OutboxItem.objects.filter(
        kind=Batch.Kind.SETTLE,
        status=OutboxItem.Status.CERTIFIED,
        entry__mirrored_event__isnull=False,
        entry__own_retirement__isnull=True,
    )
    return found if entries is None else found.filter(entry__in=entries)


def note(*, entries: Sequence[int] | None = None) -> int:
    """Write the rows that are missing, among these entries or all; returns how many.

    What an address retired that nobody has linked is left until somebody has. Safe to call
    again, and by two at once.
    """
    rows = list(unnoted(entries).values_list(*FACTS))
    owners = owners_of(row[5] for row in rows)
    lots = _lots({lot_code(row[6]) for row in rows})
    known = [row for row in rows if row[5] in owners and lot_code(row[6]) in lots]
    made = [_row(row, lots[lot_code(row[6])], owners[row[5]]) for row in known]
    with transaction.atomic():
        OwnRetirement.objects.bulk_create(made, ignore_conflicts=True)
        touch({row[6][IN_CODE] for row in known})
    return len(made)


def check() -> Iterator[Finding]:
    """What an organisation retired at its own address has a row, with the chain's numbers."""
    missing = list(unnoted().values_list("entry", "entry__postings__source"))
    owners = owners_of(mirror for _, mirror in missing)
    for entry in [entry for entry, mirror in missing if mirror in owners][:SHOWN]:
        yield Finding(CHECK, f"entry {entry}", "It was retired, and no row says of which lot.")
    outbox = "entry__outbox_item__"
    told = {
        "amount_wh": "entry__postings__amount",
        "first_renewable_wh": f"{outbox}renewable_wh",
        "first_emissions_wh": f"{outbox}emissions_wh",
    }
    for ours, theirs in told.items():
        # A comparison with nothing is never true, so that both are asked for.
        one_is_empty = Q(**{f"{ours}__isnull": True, f"{theirs}__isnull": False})
        other_is_empty = Q(**{f"{ours}__isnull": False, f"{theirs}__isnull": True})
        differs = ~Q(**{ours: F(theirs)}) | one_is_empty | other_is_empty
        rows = OwnRetirement.objects.filter(differs).values_list("entry", ours, theirs)
        for entry, kept, certified in rows.order_by("pk")[:SHOWN]:
            if kept != certified:
                yield Finding(
                    CHECK, f"entry {entry}", f"Its {ours} is {kept}, that of the chain {certified}."
                )


def owners_of(mirrors: Iterable[int]) -> dict[int, int]:
    """Organisations by the account that mirrors an address linked to an account of theirs."""
    found: dict[int, int] = {}
    for chunk in _chunks(set(mirrors)):
        holders = dict(
            OwnAddress.objects.filter(account__in=chunk, holder__isnull=False).values_list(
                "account", "holder"
            )
        )
        theirs = Q(account__in=holders.values()) | Q(sub_accounts__account__in=holders.values())
        whose: dict[int, int] = {}
        for pk, main, aside in Organisation.objects.filter(theirs).values_list(
            "pk", "account", "sub_accounts__account"
        ):
            whose |= {main: pk} if aside is None else {main: pk, aside: pk}
        found |= {mirror: whose[holder] for mirror, holder in holders.items() if holder in whose}
    return found


def lot_code(asset_code: str) -> str:
    """The code of the lot that an asset is of."""
    return f"{lot_of(int(asset_code, 16)):040x}"


def _lots(codes: set[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for chunk in _chunks(codes):
        found |= dict(Lot.objects.filter(code__in=chunk).values_list("code", "pk"))
    return found


def _row(facts: tuple[Any, ...], lot: int, organisation: int) -> OwnRetirement:
    entry, at, commitment, renewable, emissions, _, code, amount = facts
    return OwnRetirement(
        entry_id=entry,
        lot_id=lot,
        mask=TokenId.from_number(int(code, 16)).mask,
        amount_wh=amount,
        organisation_id=organisation,
        reference="0x" + bytes(commitment).hex(),
        retired_at=at,
        first_renewable_wh=renewable,
        first_emissions_wh=emissions,
    )


def _chunks(names: set[Any]) -> Iterable[list[Any]]:
    ordered = sorted(names)
    return (ordered[at : at + LOOK_UP] for at in range(0, len(ordered), LOOK_UP))
