"""Matching: who gets which generation, provably fair and as much as there can be."""

from charging.domain.matching.columns import (
    DemandColumns,
    ShareColumns,
    SupplyColumns,
    match_columns,
)
from charging.domain.matching.interval import VERSION, match_interval
from charging.domain.matching.proof import StageTotal, Verdict, Violation, certify, merge
from charging.domain.matching.proof_columns import certify_columns
from charging.domain.matching.shares import (
    PPM,
    matched_by_interval,
    matched_by_period,
    share_of,
    share_proportionally,
)
from charging.domain.matching.terms import (
    UNCOUPLED,
    Coupling,
    Couplings,
    Demand,
    Preference,
    Share,
    Supply,
    in_force,
)

__all__ = [
    "PPM",
    "UNCOUPLED",
    "VERSION",
    "Coupling",
    "Couplings",
    "Demand",
    "DemandColumns",
    "Preference",
    "Share",
    "ShareColumns",
    "StageTotal",
    "Supply",
    "SupplyColumns",
    "Verdict",
    "Violation",
    "certify",
    "certify_columns",
    "in_force",
    "match_columns",
    "match_interval",
    "matched_by_interval",
    "matched_by_period",
    "merge",
    "share_of",
    "share_proportionally",
]
