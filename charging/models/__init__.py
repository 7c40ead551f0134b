"""What the charging app keeps."""

from charging.models.challenge import ProvenToken, TokenChallenge
from charging.models.continuous import ClosingPolicy, ProvisionalHour, TouchedDay
from charging.models.draft import SessionDraft
from charging.models.findings import CdrRating, ChargeFinding
from charging.models.location import CoupledArea, DeviceSite, Evse, Location, LocationAlias, Party
from charging.models.matching import (
    Allocation,
    ClosedInterval,
    MatchingRun,
    SupersededAllocation,
)
from charging.models.metering import MeterKey, SignedRecord
from charging.models.ocpi import (
    Cdr,
    ClaimDelegation,
    Connection,
    ConnectionMessage,
    OcpiObject,
)
from charging.models.published_score import PublishedScore
from charging.models.receipt import Comparator, Receipt
from charging.models.session import (
    Session,
    SessionClaim,
    SessionFile,
    SessionHour,
    SessionRow,
)
from charging.models.standing_wish import StandingWish

__all__ = [
    "Allocation",
    "Cdr",
    "CdrRating",
    "ChargeFinding",
    "ClaimDelegation",
    "ClosedInterval",
    "ClosingPolicy",
    "Comparator",
    "Connection",
    "ConnectionMessage",
    "CoupledArea",
    "DeviceSite",
    "Evse",
    "Location",
    "LocationAlias",
    "MatchingRun",
    "MeterKey",
    "OcpiObject",
    "Party",
    "ProvenToken",
    "ProvisionalHour",
    "PublishedScore",
    "Receipt",
    "Session",
    "SessionClaim",
    "SessionDraft",
    "SessionFile",
    "SessionHour",
    "SessionRow",
    "SignedRecord",
    "StandingWish",
    "SupersededAllocation",
    "TokenChallenge",
    "TouchedDay",
]
