"""The retirements that a cancellation is made of."""

from collections.abc import Sequence
from datetime import datetime

from certificates.domain.lot_facts import instant
from certificates.domain.statement import disclosed_fields
from certificates.models import Cancellation, Retirement
from certificates.queries.holding.holdings import Holding
from certificates.services.holding.retirement import RetirementRequest, retire_many
from ledger.domain.commitment import commit, field_salt, fields_root

INTERVAL = "interval"
PERSON = "a person, named on the statement"  # retirements are public, people are not


def retire_holdings(
    cancellation: Cancellation, account: int, held: Sequence[Holding], now: datetime
) -> list[int]:
    """One retirement for each asset; returns their ids.

    Each commits to the statement's fields and its own interval under salts of its own.
    Raises: as `retire_many`.
    """
    key, reference = bytes(cancellation.disclosure_key), cancellation.reference
    root = fields_root(fields_of(cancellation), key, reference)
    is_person = cancellation.beneficiary_kind == Cancellation.BeneficiaryKind.PERSON
    requests = []
    for row in held:
        retirement = f"retire:{reference}:{row.code}"
        interval = f"{instant(row.starts_at)}/PT{row.length_minutes}M"
        requests.append(
            RetirementRequest(
                key=retirement,
                holder=cancellation.holder_id,
                account=account,
                asset=row.asset_id,
                lot=row.lot_id,
                mask=row.mask,
                amount_wh=row.amount_wh,
                claimant=cancellation.holder_id,
                beneficiary_type=Retirement.BeneficiaryType.NAMED,
                beneficiary=PERSON if is_person else cancellation.beneficiary,
                purpose=cancellation.purpose,
                country=cancellation.country,
                consumption_starts_at=cancellation.consumption_starts_at,
                consumption_ends_at=cancellation.consumption_ends_at,
                reference=reference,
                commitment=commit(root, interval, field_salt(key, retirement, INTERVAL)),
            )
        )
    return retire_many(requests=requests, now=now)


def fields_of(cancellation: Cancellation) -> dict[str, str]:
    """What the chain's commitment binds of a cancellation; each can be shown alone."""
    return disclosed_fields(
        number=cancellation.number,
        holder=cancellation.holder.slug,
        beneficiary=cancellation.beneficiary,
        country=cancellation.country,
        purpose=cancellation.purpose,
        period=(cancellation.consumption_starts_at, cancellation.consumption_ends_at),
    )
