"""The auditor's door to plants, certificates and those who hold them."""

from certificates.admin import (
    corrections,
    energy,
    holding,
    imports,
    papers,
    people,
    plants,
    storage,
)

__all__ = ["corrections", "energy", "holding", "imports", "papers", "people", "plants", "storage"]
