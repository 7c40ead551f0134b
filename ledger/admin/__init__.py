"""The auditor's door to the book and the chain."""

from ledger.admin import audit, book, settlement

__all__ = ["audit", "book", "settlement"]
