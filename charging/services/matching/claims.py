"""What a retirement says of the charge it is for."""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass

from certificates.models import Area, Organisation, Retirement
from certificates.services.holding.retirement import RetirementRequest
from charging.domain.consumption import (
    INTERVAL,
    Consumption,
    consumption_key,
    disclosed_fields,
    interval_text,
    retirement_key,
)
from charging.models import Session
from charging.queries.instants import as_text, instant
from charging.queries.matching.demand import HourDemand
from charging.queries.matching.supply import HeldAsset
from ledger.domain.commitment import KEY_BYTES, commit, field_salt, fields_root

PURPOSE = "Charging of electric vehicles"
LOOK_UP = 5_000  # ids in one query
FIELDS = (
    "pk",
    "operator__slug",
    "country_code",
    "party_id",
    "uid",
    "evse__uid",
    as_text("started_at"),
    as_text("ended_at"),
    "energy_wh",
    "energy_evidence",
    "timing_evidence",
    "disclosure_key",
)


@dataclass(frozen=True, slots=True)
class Claim:
    """Wh of one asset for one session hour, in one round of its interval."""

    hour: HourDemand
    asset: HeldAsset
    amount_wh: int
    round: int


class Claims:
    """Makes the retirement requests of one company; its sessions are read once."""

    def __init__(self, claimant: Organisation, session_ids: Iterable[int]) -> None:
        self._claimant = claimant
        self._countries = dict(Area.objects.values_list("pk", "country"))
        self._sessions: dict[int, tuple[Consumption, bytes, bytes]] = {}
        ids = sorted(session_ids)
        for start in range(0, len(ids), LOOK_UP):
            self._read(ids[start : start + LOOK_UP])

    def request(self, claim: Claim) -> RetirementRequest:
        """The retirement that covers a claim, committing to fields that can be disclosed."""
        charge, disclosure_key, root = self._sessions[claim.hour.session_id]
        hour, asset = claim.hour, claim.asset
        key = retirement_key(charge.key, hour.starts_at, asset.code, claim.round)
        interval = interval_text(hour.starts_at, hour.length_minutes)
        return RetirementRequest(
            key=key,
            holder=self._claimant.pk,
            account=self._claimant.account_id,
            asset=asset.asset_id,
            lot=asset.lot_id,
            mask=asset.mask,
            amount_wh=claim.amount_wh,
            claimant=self._claimant.pk,
            beneficiary_type=Retirement.BeneficiaryType.PUBLIC_CHARGING,
            beneficiary="",
            purpose=PURPOSE,
            country=self._countries[hour.area_id],
            consumption_starts_at=charge.started_at,
            consumption_ends_at=charge.ended_at,
            reference=charge.key,
            commitment=commit(root, interval, field_salt(disclosure_key, key, INTERVAL)),
        )

    def _read(self, ids: list[int]) -> None:
        for row in Session.objects.filter(pk__in=ids).values_list(*FIELDS):
            pk, operator, country, party, uid, evse, started, ended, energy, *rest = row
            energy_evidence, timing_evidence, disclosure_key = rest
            charge = Consumption(
                key=consumption_key(operator, country, party, uid),
                claimant=self._claimant.slug,
                operator=operator,
                evse=evse,
                started_at=instant(started),
                ended_at=instant(ended),
                energy_wh=energy,
                evidence=f"{energy_evidence}/{timing_evidence}",
            )
            # After an erasure the totals stay provable, under a key that nobody keeps.
            key = bytes(disclosure_key or secrets.token_bytes(KEY_BYTES))
            root = fields_root(disclosed_fields(charge), key, charge.key)
            self._sessions[pk] = (charge, key, root)
