"""What there is to say about a signed value besides its signature, one sentence for each code.

AGAINST means that the energy is not proven by this record; NOTE means that somebody should
know. The rules are those of the German measuring law as the S.A.F.E. software applies them
to OCMF, unless a sentence says otherwise.
"""

from dataclasses import dataclass
from enum import StrEnum


class Weight(StrEnum):
    """What a finding does to the proof."""

    AGAINST = "against"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding; `record` and `reading` count from 1, none where it is about the whole.

    `figures` are what its sentence was filled with, to say it in another language.
    """

    code: str
    weight: Weight
    sentence: str
    record: int | None = None
    reading: int | None = None
    figures: tuple[tuple[str, str], ...] = ()


_A, _N = Weight.AGAINST, Weight.NOTE
SENTENCES: dict[str, tuple[Weight, str]] = {
    # the message and its records
    "unreadable_message": (_A, "{why}"),
    "malformed_record": (_A, "{why}"),
    "unsupported_record": (_A, "{why}"),
    "newer_version": (
        _N,
        "The record is of a newer version of its format than those known here. What that version "
        "adds was not looked at.",
    ),
    "repeated_record": (_N, "The same record came more than once; it counts once."),
    # signature and key
    "signature_wrong": (_A, "The signature does not fit the record and the key."),
    "wrong_curve": (
        _A,
        "The key is on the curve {key}, but the record says that it was signed on {record_curve}.",
    ),
    "signature_not_canonical": (
        _N,
        "The signature is not written as DER asks; its two numbers were read as the makers of "
        "such meters mean them.",
    ),
    "no_key": (_A, "There is no public key for meter {meter}, so nothing could be checked."),
    "key_from_message": (
        _A,
        "The key came with the message. It shows that nobody changed the record after it was "
        "signed, not that this meter signed it: whoever makes up a record can send a key along.",
    ),
    "key_not_in_registry": (
        _N,
        "The key that came with the message is not among those registered for this meter; a "
        "registered key was used.",
    ),
    "key_unreadable": (_A, "{why}"),
    "key_not_yet_valid": (
        _A,
        "The key of meter {meter} is valid from {since}, after the time of the reading, {at}.",
    ),
    "key_expired": (
        _A,
        "The key of meter {meter} was valid until {until}, before the time of the reading, {at}.",
    ),
    "key_revoked": (_A, "The key of meter {meter} was revoked: {why}."),
    # readings
    "no_value": (_A, "The value is missing or is no number that a register can show."),
    "no_unit": (_A, "The unit is {unit!r}, neither Wh nor kWh, so the energy is unknown."),
    "energy_error": (_A, "The meter reports an error in its energy (EF contains E)."),
    "time_error": (_N, "The meter reports an error in its time (EF contains t)."),
    "meter_not_good": (_A, "The meter does not report its own state as good (ST is not G)."),
    "adapter_error": (_A, "The device that signs reports an error of its own."),
    "begin_mismatch": (_A, "The meter reports that its start value does not fit."),
    "no_time": (_A, "The time of the reading is missing, has no offset from UTC or is no time."),
    "offset_not_signed": (
        _N,
        "Only the meter's local clock is signed, not how far it is ahead of UTC; that was taken "
        "from beside it.",
    ),
    "not_for_billing": (_A, "The meter says that this charge is not to be billed (BV is not 1)."),
    "loss_at_begin": (_N, "The cable loss is not zero at the begin ({loss})."),
    # charge
    "no_energy_register": (_A, "No reading is of a register of energy."),
    "no_begin": (_A, "There is no reading of the begin."),
    "no_end": (_A, "There is no reading of the end."),
    "several_begins": (_A, "There are {count} readings of the begin of one register."),
    "several_ends": (_A, "There are {count} readings of the end of one register."),
    "other_register": (_A, "Begin and end are of different registers: {begin} and {end}."),
    "other_unit": (_A, "Begin and end are in different units: {begin} and {end}."),
    "energy_falls": (_A, "The end ({end}) is lower than the begin ({begin})."),
    "time_falls": (_A, "The end ({end}) is earlier than the begin ({begin})."),
    "other_charge": (_A, "Begin and end differ in {field}: {begin!r} and {end!r}."),
    "page_order": (_A, "The end's page ({end}) does not follow the begin's ({begin})."),
    "page_gap": (
        _A,
        "{count} records between begin and end are not here (pages {begin}, {end}); another charge "
        "may lie between. Hand them in as well.",
    ),
    "events_between": (_A, "The meter's event counter changed between begin and end."),
    "identification_refused": (_A, "The driver's identification failed (IL)."),
    "clock_not_synchronised": (
        _N,
        "The meter's clock was not synchronised (marked {marks}); times are for information.",
    ),
    "several_charges": (_N, "There are {count} charges in this message; energies are summed."),
    # what the carrier says beside the signed record
    "stated_without_unit": (
        _N,
        "The carrier states {stated} without a unit, which means Wh; the signed record says "
        "{signed} Wh. The signed unit counts.",
    ),
    "stated_otherwise": (
        _N,
        "The carrier states {stated} Wh beside a signed record of {signed} Wh. The signed one "
        "counts.",
    ),
}


def finding(
    code: str, record: int | None = None, reading: int | None = None, **figures: object
) -> Finding:
    """The finding of that code with its figures filled in."""
    weight, sentence = SENTENCES[code]
    texts = {name: str(figure) for name, figure in figures.items()}
    return Finding(code, weight, sentence.format(**texts), record, reading, tuple(texts.items()))
