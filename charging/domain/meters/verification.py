"""The verdict on signed meter values: is it signed, by whose key, and what does it prove."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum

from charging.domain.meters import alfen, edl40, edl40_xml, ocmf, pcdf
from charging.domain.meters.carriage import messages
from charging.domain.meters.carried import Carried, Stated
from charging.domain.meters.charges import Charge, group, weigh
from charging.domain.meters.findings import Finding, Weight, finding
from charging.domain.meters.key_registry import ANY_METER, KeyRegistry, MeterKey
from charging.domain.meters.keys import PublicKey, point_key, read_public_key
from charging.domain.meters.records import SignedRecord
from charging.domain.meters.signatures import holds
from charging.errors import (
    MalformedRecord,
    UnreadableKey,
    UnreadableMessage,
    UnsupportedKey,
    UnsupportedRecord,
)


class SignatureState(StrEnum):
    """What became of checking a signature."""

    VALID = "valid"
    INVALID = "invalid"
    NO_KEY = "no_key"
    UNSUPPORTED = "unsupported"
    MALFORMED = "malformed"


# Of several records the worst decides, in this order.
WORST = (
    SignatureState.INVALID,
    SignatureState.MALFORMED,
    SignatureState.UNSUPPORTED,
    SignatureState.NO_KEY,
    SignatureState.VALID,
)
REGISTRY, GIVEN, MESSAGE = "registry", "given", "message"


@dataclass(frozen=True, slots=True)
class KeyUsed:
    """The key that a signature was checked with, and where it came from."""

    source: str
    meter: str
    owner: str
    curve: str
    fingerprint: str


@dataclass(frozen=True, slots=True)
class RecordVerdict:
    """One record: its state, and itself where its format was understood."""

    state: SignatureState
    findings: tuple[Finding, ...]
    record: SignedRecord | None = None
    key: KeyUsed | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """Everything that a message came to."""

    state: SignatureState
    records: tuple[RecordVerdict, ...]
    charges: tuple[Charge, ...]
    findings: tuple[Finding, ...]

    @property
    def vouched(self) -> bool:
        """Whether every key was known from elsewhere than the message."""
        keys = [each.key for each in self.records]
        return bool(keys) and all(key and key.source != MESSAGE for key in keys)

    @property
    def proves_energy(self) -> bool:
        """Whether the signed values may stand for the energy of the charge."""
        return (
            self.state == SignatureState.VALID
            and self.vouched
            and self.energy_wh is not None
            and all(each.weight != Weight.AGAINST for each in self.findings)
        )

    @property
    def energy_wh(self) -> int | None:
        """Whole Wh taken, of all charges together; none while one of them is unknown."""
        return _sum(charge.energy_wh for charge in self.charges)

    @property
    def exact_wh(self) -> Decimal | None:
        """The same, exact."""
        exact = [charge.exact_wh for charge in self.charges if charge.exact_wh is not None]
        return sum(exact, Decimal(0)) if exact and len(exact) == len(self.charges) else None

    @property
    def export_wh(self) -> int | None:
        """Whole Wh given back, where a register says so."""
        return _sum(charge.export_wh for charge in self.charges)


def verify_message(data: bytes, keys: KeyRegistry) -> Verdict:
    """Find the signed values in a message and verify them; bad input is a verdict too."""
    try:
        carried = messages.read(data)
    except UnreadableMessage as error:
        found = (finding("unreadable_message", why=error),)
        return Verdict(SignatureState.MALFORMED, (), (), found)
    return verify(carried, keys)


def verify(carried: Sequence[Carried], keys: KeyRegistry) -> Verdict:
    """Verify records that belong together, in their order.

    A payload counts once, however often and under however many valid signatures it comes.
    """
    verdicts: list[RecordVerdict] = []
    known: dict[bytes, tuple[int, SignedRecord]] = {}
    extra: list[Finding] = []
    for each in carried:
        place = len(verdicts) + 1
        one = _verify_one(each, keys, place)
        if one.record and one.record.payload in known:
            first, _ = known[one.record.payload]
            extra.append(finding("repeated_record", first))
            if one.state == verdicts[first - 1].state:
                continue
        elif one.record:
            known[one.record.payload] = place, one.record
        verdicts.append(one)
    ordered = edl40.in_order(list(known.values()))
    charges = tuple(weigh(records) for records in group(ordered))
    if len(charges) > 1:
        extra.append(finding("several_charges", count=len(charges)))
    states = {one.state for one in verdicts}
    findings = [found for one in verdicts for found in one.findings] + extra
    findings += [found for charge in charges for found in charge.findings]
    return Verdict(
        state=next(state for state in WORST if state in states),
        records=tuple(verdicts),
        charges=charges,
        findings=tuple(findings),
    )


def _verify_one(carried: Carried, keys: KeyRegistry, place: int) -> RecordVerdict:
    data = carried.data.strip()
    try:
        record = _parser(data)(data)
    except MalformedRecord as error:
        found = finding("malformed_record", place, why=error)
        return RecordVerdict(SignatureState.MALFORMED, (found,))
    except UnsupportedRecord as error:
        found = finding("unsupported_record", place, why=error)
        return RecordVerdict(SignatureState.UNSUPPORTED, (found,))
    state, findings, key = _check(record, record.own_key or carried.key, keys, place)
    if not record.signature.canonical:
        findings.append(finding("signature_not_canonical", place))
    findings += _stated_findings(carried.stated, record, place)
    return RecordVerdict(state, tuple(findings), record, key)


PARSERS: dict[bytes, Callable[[bytes], SignedRecord]] = {
    ocmf.HEADER: ocmf.parse,
    alfen.HEADER: alfen.parse,
    edl40.HEADER: edl40.parse,
    edl40_xml.HEADER: edl40_xml.parse,
    pcdf.HEADER: pcdf.parse,
    pcdf.STX + pcdf.HEADER: pcdf.parse,
}


def _parser(data: bytes) -> Callable[[bytes], SignedRecord]:
    for header, parse in PARSERS.items():
        if data.startswith(header):
            return parse
    raise UnsupportedRecord(
        "A signed value is none of those verified here: OCMF, Alfen, EDL40, ISA-EDL40, Mennekes, "
        "PCDF."
    )


Checked = tuple[SignatureState, list[Finding], KeyUsed | None]


def _check(record: SignedRecord, message_key: str, keys: KeyRegistry, place: int) -> Checked:
    """A registered key goes before the message's own, and is never replaced by it."""
    instants = [reading.at for reading in record.readings if reading.at]
    found = keys.find(record.meters, instants)
    if found.keys:
        return _check_registered(record, found.keys, message_key, place)
    if found.against:
        return SignatureState.NO_KEY, [replace(found.against, record=place, reading=None)], None
    if not message_key:
        meter = record.meters[0] if record.meters else "without a name"
        return SignatureState.NO_KEY, [finding("no_key", place, meter=meter)], None
    return _check_message_key(record, message_key, place)


def _check_registered(
    record: SignedRecord, known: tuple[MeterKey, ...], message_key: str, place: int
) -> Checked:
    findings: list[Finding] = []
    carried = _own_key(record, message_key)
    registered = {each.key.fingerprint for each in known if each.meter != ANY_METER}
    if carried and registered and carried.fingerprint not in registered:
        findings.append(finding("key_not_in_registry", place))
    for each in known:
        state, found = _check_with(each.key, record, place)
        used = _used(each.key, GIVEN if each.meter == ANY_METER else REGISTRY, each)
        if state == SignatureState.VALID:
            return state, [*findings, *found], used
    return state, [*findings, *found], used


def _check_message_key(record: SignedRecord, message_key: str, place: int) -> Checked:
    try:
        key = _read_own(record, message_key)
    except UnreadableKey as error:
        return (
            SignatureState.MALFORMED,
            [finding("key_unreadable", place, why=error)],
            None,
        )
    except UnsupportedKey as error:
        return (
            SignatureState.UNSUPPORTED,
            [finding("key_unreadable", place, why=error)],
            None,
        )
    state, findings = _check_with(key, record, place)
    return state, [finding("key_from_message", place), *findings], _used(key, MESSAGE)


def _check_with(
    key: PublicKey, record: SignedRecord, place: int
) -> tuple[SignatureState, list[Finding]]:
    signature = record.signature
    if signature.curve is not None and signature.curve != key.curve:
        found = finding("wrong_curve", place, key=key.curve.name, record_curve=signature.curve.name)
        return SignatureState.INVALID, [found]
    try:
        if holds(key, record.payload, signature.hash_name, signature.r, signature.s):
            return SignatureState.VALID, []
    except UnreadableKey as error:
        return SignatureState.MALFORMED, [finding("key_unreadable", place, why=error)]
    return SignatureState.INVALID, [finding("signature_wrong", place)]


def _read_own(record: SignedRecord, text: str) -> PublicKey:
    """The message's key. Raises: UnreadableKey, UnsupportedKey."""
    curve = record.signature.curve
    if record.format == alfen.FORMAT and text == record.own_key and curve:
        return point_key(bytes.fromhex(text), curve)
    return read_public_key(text, curve)


def _own_key(record: SignedRecord, text: str) -> PublicKey | None:
    try:
        return _read_own(record, text) if text else None
    except (UnreadableKey, UnsupportedKey):
        return None


def _used(key: PublicKey, source: str, known: MeterKey | None = None) -> KeyUsed:
    meter, owner = (known.meter, known.owner) if known else ("", "")
    return KeyUsed(source, meter, owner, key.curve.name, key.fingerprint)


def _stated_findings(stated: Stated | None, record: SignedRecord, place: int) -> Iterable[Finding]:
    """What the carrier says beside the record, held against what is signed (to 1 Wh)."""
    signed = [each.energy_wh for each in record.readings if each.energy_wh is not None]
    if stated is None or not signed:
        return
    said = stated.value * (1000 if stated.unit.lower() == "kwh" else 1)
    if any(abs(said - each) < 1 for each in signed):
        return
    if not stated.unit and any(abs(said * 1000 - each) < 1 for each in signed):
        yield finding(
            "stated_without_unit", place, stated=f"{stated.value:f}", signed=f"{signed[-1]:f}"
        )
    else:
        yield finding("stated_otherwise", place, stated=f"{said:f}", signed=f"{signed[-1]:f}")


def _sum(amounts: Iterable[int | None]) -> int | None:
    listed = list(amounts)
    known = [amount for amount in listed if amount is not None]
    return sum(known) if known and len(known) == len(listed) else None
