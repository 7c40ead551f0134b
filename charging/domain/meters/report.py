"""A verdict as plain values for a machine, and in plain words for a driver."""

from datetime import datetime
from typing import Any

from charging.domain.meters.charges import Charge
from charging.domain.meters.findings import Finding
from charging.domain.meters.verification import MESSAGE, RecordVerdict, SignatureState, Verdict


def as_json(verdict: Verdict) -> dict[str, Any]:
    """Whole Wh as numbers, exact ones as text, instants in ISO 8601 (UTC)."""
    return {
        "signature": verdict.state.value,
        "vouched": verdict.vouched,
        "proves_energy": verdict.proves_energy,
        "energy_wh": verdict.energy_wh,
        "energy_exact_wh": None if verdict.exact_wh is None else f"{verdict.exact_wh:f}",
        "export_wh": verdict.export_wh,
        "findings": [_finding(each) for each in verdict.findings],
        "charges": [_charge(each) for each in verdict.charges],
        "records": [_record(each) for each in verdict.records],
    }


PROVEN = "Genuine: the meter signed this, and nobody has changed it since."
UNVOUCHED = "Unchanged since it was signed, but nobody here vouches for who signed it."
UNPROVEN = "The meter signed this, but it does not prove the energy of a charge."
HEADLINES = {
    SignatureState.INVALID: "Not genuine: the signature does not fit.",
    SignatureState.NO_KEY: "Not checked: no valid public key of this meter is known.",
    SignatureState.UNSUPPORTED: "Not checked: this kind of signature is not known here.",
    SignatureState.MALFORMED: "Not readable: this is no whole signed meter value.",
}


def headline(verdict: Verdict) -> str:
    """The verdict in one sentence for somebody who has never heard of a signature."""
    if verdict.state == SignatureState.VALID:
        if verdict.proves_energy:
            return PROVEN
        return UNPROVEN if verdict.vouched else UNVOUCHED
    return HEADLINES[verdict.state]


def _finding(found: Finding) -> dict[str, Any]:
    return {
        "code": found.code,
        "weight": found.weight.value,
        "sentence": found.sentence,
        "record": found.record,
        "reading": found.reading,
    }


def _charge(charge: Charge) -> dict[str, Any]:
    return {
        "energy_wh": charge.energy_wh,
        "energy_exact_wh": None if charge.exact_wh is None else f"{charge.exact_wh:f}",
        "export_wh": charge.export_wh,
        "started_at": _stamp(charge.started_at),
        "ended_at": _stamp(charge.ended_at),
    }


def _record(each: RecordVerdict) -> dict[str, Any]:
    record, key = each.record, each.key
    return {
        "signature": each.state.value,
        "format": record.format if record else None,
        "version": record.version if record else None,
        "meter": record.meters[0] if record and record.meters else None,
        "payload_sha256": record.digest if record else None,
        "key": key
        and {
            "source": key.source,
            "meter": key.meter,
            "owner": key.owner,
            "curve": key.curve,
            "fingerprint": key.fingerprint,
            "proves_origin": key.source != MESSAGE,
        },
        "readings": [
            {
                "kind": reading.kind,
                "at": _stamp(reading.at),
                "register": reading.obis,
                "value": None if reading.value is None else f"{reading.value:f}",
                "unit": reading.unit,
            }
            for reading in (record.readings if record else ())
        ],
    }


def _stamp(instant: datetime | None) -> str | None:
    return instant.isoformat().replace("+00:00", "Z") if instant else None
