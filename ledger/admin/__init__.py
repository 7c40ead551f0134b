"""The auditor's door to the book and the chain."""

from ledger.admin import audit, book, own_addresses, settlement, witnesses

__all__ = ["audit", "book", "own_addresses", "settlement", "witnesses"]
