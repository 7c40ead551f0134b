"""The auditor's door to charges, matching and receipts."""

from charging.admin import matching, sessions

__all__ = ["matching", "sessions"]
