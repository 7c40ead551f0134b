"""The auditor's door to plants, certificates and those who hold them."""

from certificates.admin import energy, people, plants

__all__ = ["energy", "people", "plants"]
