"""Rules that are held where a device is registered or certificates are issued."""

from certificates.domain.rules.rule import Statement
from ledger.domain.calls import MAX_AMOUNT_WH

STATEMENTS = (
    Statement(
        "R20",
        "quality that issues",
        "Only measured and calculated readings become certificates; estimated ones wait until a "
        "measured value of the interval comes.",
        "certificates.queries.readings.tallies.readings_in_force",
    ),
    Statement(
        "R21",
        "gaps stay gaps",
        "An interval without a reading is never filled; its certificates are issued when its "
        "reading comes, however late.",
        "certificates.queries.readings.issuable.issuable_readings",
    ),
    Statement(
        "R22",
        "own consumption",
        "A negative interval issues nothing. Under the policy clip it takes nothing from others; "
        "under net it is carried against the device's next readings.",
        "certificates.domain.tally.steps",
    ),
    Statement(
        "R23",
        "approved devices",
        "Only an approved device gets certificates; readings of a suspended one wait.",
        "certificates.domain.device_states.check_can_issue",
    ),
    Statement(
        "R24",
        "allowed pairs",
        "Technology and energy source are a pair that EECS allows.",
        "certificates.domain.eecs.check_pair",
    ),
    Statement(
        "R25",
        "GSRN",
        "A GSRN has 18 digits, of which the last checks the others.",
        "certificates.domain.gsrn.check",
    ),
    Statement(
        "R26",
        "whole Wh",
        "Energy is rounded down to whole Wh; what is left stays visible on the reading and is "
        "never issued.",
        "certificates.domain.meter_values.energy",
    ),
    Statement(
        "R27",
        "corrections downwards",
        "What was certified and not generated is taken from the owner's balance of the lot, the "
        "owner's other lots of the same interval and area, the owner's reserve, and the holders "
        "by standing agreement pro rata; the rest is withheld from the next issuance. What is "
        "retired stays retired.",
        "certificates.services.issuing.corrections.carry_out",
    ),
    Statement(
        "R30",
        "countable by a certificate",
        f"An interval of more than {MAX_AMOUNT_WH:,} Wh is refused at its reading: no certificate "
        "counts so much.",
        "certificates.domain.formats.build.build",
    ),
    Statement(
        "R29",
        "owner of an instant",
        "What is produced is certified to whom the plant belonged when its interval began, "
        "however late its reading comes; a whole MWh to whom it belonged when the MWh was full.",
        "certificates.queries.plants.ownership.owners_of",
    ),
)
