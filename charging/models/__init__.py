"""What the charging app keeps."""

from charging.models.location import Evse, Location, LocationAlias, Party
from charging.models.matching import Allocation, ClosedInterval, MatchingRun
from charging.models.receipt import Comparator, Receipt
from charging.models.session import (
    Session,
    SessionClaim,
    SessionFile,
    SessionHour,
    SessionRow,
)

__all__ = [
    "Allocation",
    "ClosedInterval",
    "Comparator",
    "Evse",
    "Location",
    "LocationAlias",
    "MatchingRun",
    "Party",
    "Receipt",
    "Session",
    "SessionClaim",
    "SessionFile",
    "SessionHour",
    "SessionRow",
]
