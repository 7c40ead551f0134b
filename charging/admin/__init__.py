"""The auditor's door to charges, matching and receipts."""

from charging.admin import matching, ocpi, sessions

__all__ = ["matching", "ocpi", "sessions"]
