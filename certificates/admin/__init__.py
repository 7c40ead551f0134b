"""The auditor's door to plants, certificates and those who hold them."""

from certificates.admin import (
    corrections,
    energy,
    handovers,
    holding,
    imports,
    orders,
    papers,
    people,
    plants,
    storage,
    stretches,
    terms,
)

__all__ = [
    "corrections",
    "energy",
    "handovers",
    "holding",
    "imports",
    "orders",
    "papers",
    "people",
    "plants",
    "storage",
    "stretches",
    "terms",
]
