"""What the ledger keeps."""

from ledger.models.account import Account
from ledger.models.asset import Asset
from ledger.models.audit import AuditEvent, IdempotentRequest
from ledger.models.balance import Balance
from ledger.models.consistency_run import ConsistencyRun
from ledger.models.entry import Entry, Posting
from ledger.models.own_address import MirroredEvent, OwnAddress, WaitingTransaction
from ledger.models.settlement import Batch, Block, OutboxItem, SettlementEntry
from ledger.models.void_claim import VoidClaim
from ledger.models.witness import Witness, WitnessSignature

__all__ = [
    "Account",
    "Asset",
    "AuditEvent",
    "Balance",
    "Batch",
    "Block",
    "ConsistencyRun",
    "Entry",
    "IdempotentRequest",
    "MirroredEvent",
    "OutboxItem",
    "OwnAddress",
    "Posting",
    "SettlementEntry",
    "VoidClaim",
    "WaitingTransaction",
    "Witness",
    "WitnessSignature",
]
