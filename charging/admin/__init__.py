"""The auditor's door to charges, matching and receipts."""

from charging.admin import matching, metering, ocpi, sessions

__all__ = ["matching", "metering", "ocpi", "sessions"]
