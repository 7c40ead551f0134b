"""The auditor's door to the book and the chain."""

from ledger.admin import audit, book, settlement, witnesses

__all__ = ["audit", "book", "settlement", "witnesses"]
