"""From the outbox to sealed blocks: batches are formed, committed, sent and recorded."""

from ledger.services.settlement.sweep import SettleReport, settle, sweep

__all__ = ["SettleReport", "settle", "sweep"]
