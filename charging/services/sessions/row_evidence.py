"""Signed meter values in the rows of a file: verified, used once, and kept as evidence."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from certificates.models import Organisation
from charging.domain.consumption import consumption_key
from charging.domain.local_time import to_utc
from charging.domain.meters.key_registry import KeyRegistry
from charging.domain.session_rows import Charge
from charging.domain.signed_charge import REPLAYED, Proof, agrees, prove
from charging.errors import UnreadableKey, UnsupportedKey
from charging.models import ChargeFinding, SignedRecord
from charging.queries.meter_keys import meter_keys
from charging.services.evidence import UNREADABLE
from charging.services.reconciling import store_findings
from ledger.models.bulk import insert

LOOK_UP = 500  # digests in one query
OTHERWISE = "The signed meter value says {signed:,} Wh, the row {stated:,} Wh."


@dataclass(slots=True)
class RowKeys:
    """The keys that may vouch for a company's rows, read when the first row needs them."""

    operator: Organisation
    _keys: KeyRegistry | None = None
    _refusal: str = ""

    def prove(self, charge: Charge) -> Proof | None:
        """What the signed values of a row prove; none without any."""
        if not charge.signed:
            return None
        if self._keys is None and not self._refusal:
            try:
                self._keys = meter_keys(self.operator)
            except (UnreadableKey, UnsupportedKey):
                self._refusal = UNREADABLE
        if self._keys is None:
            return Proof(refusals=(self._refusal,))
        return prove(charge.signed, to_utc(charge.started), to_utc(charge.ended), self._keys)


@dataclass(slots=True)
class UsedRecords:
    """Which charge each signed record stands for: in the database, and in this file so far."""

    operator: Organisation
    _known: dict[str, str] = field(default_factory=dict)

    def load(self, proofs: Iterable[Proof | None]) -> None:
        """Read at once what is known of the records of many rows."""
        digests = sorted({digest for proof in proofs if proof for digest, _ in proof.records})
        for start in range(0, len(digests), LOOK_UP):
            rows = SignedRecord.objects.filter(digest__in=digests[start : start + LOOK_UP])
            self._known.update(rows.values_list("digest", "charge"))

    def use(self, proof: Proof | None, uid: str) -> Proof | None:
        """The proof for this charge; without force where a record stands for another one."""
        if proof is None or proof.energy_wh is None:
            return proof
        key = key_of(self.operator, uid)
        digests = [digest for digest, _ in proof.records]
        if any(self._known.get(digest, key) != key for digest in digests):
            return proof.refused(REPLAYED)
        self._known.update(dict.fromkeys(digests, key))
        return proof


def contradicts(charge: Charge, proof: Proof | None) -> bool:
    """Whether a meter signed another amount than the row states."""
    return (
        proof is not None
        and proof.energy_wh is not None
        and not agrees(charge.energy_wh, charge.last_place_wh, proof.energy_wh)
    )


def otherwise(charge: Charge, proof: Proof) -> Proof:
    """The proof without force, for a row that a person takes as it states its energy."""
    words = OTHERWISE.format(signed=proof.energy_wh, stated=charge.energy_wh)
    return proof.refused(words)


def key_of(operator: Organisation, uid: str) -> str:
    """The natural key of a charge that came in a file."""
    return consumption_key(operator.slug, "", "", uid)


def keep_proofs(
    proven: Sequence[tuple[int, str, Proof]], operator: Organisation, now: datetime
) -> None:
    """Note which records stand for which session, and why others do not.

    `proven` are (session id, charge id, proof). Call inside the transaction that writes the
    sessions.
    """
    rows = {
        digest: (digest, key_of(operator, uid), pk, name[:12], now)
        for pk, uid, proof in proven
        if proof.energy_wh is not None
        for digest, name in proof.records
    }
    kept: set[str] = set()
    digests = sorted(rows)
    for start in range(0, len(digests), LOOK_UP):
        known = SignedRecord.objects.filter(digest__in=digests[start : start + LOOK_UP])
        kept |= set(known.values_list("digest", flat=True))
    fresh = [row for digest, row in rows.items() if digest not in kept]
    insert(SignedRecord, ["digest", "charge", "session", "format", "seen_at"], fresh)
    code = ChargeFinding.Code.METER
    store_findings(
        {
            pk: [(code, words) for words in proof.refusals]
            for pk, _, proof in proven
            if proof.refusals
        },
        now,
        codes=set(),
    )
