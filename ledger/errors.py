"""What can go wrong in the ledger, with a stable code and a sentence for each."""


class LedgerError(Exception):
    """Base of all ledger errors; `code` is stable, the message is for people."""

    code = "ledger_error"


class KeyReused(LedgerError):
    """An idempotency key came back with other content."""

    code = "key_reused"


class RequestInFlight(LedgerError):
    """The first request with this key is still at work."""

    code = "request_in_flight"


class RequestKeyReused(LedgerError):
    """The Idempotency-Key came with another request before."""

    code = "idempotency_key_reused"


class IdempotencyKeyMissing(LedgerError):
    """An act over the API carries a key, so that its repetition does nothing twice."""

    code = "idempotency_key_missing"


class UnknownParameter(LedgerError):
    """A query parameter that nobody reads here."""

    code = "unknown_parameter"


class Overdrawn(LedgerError):
    """A move would take a balance below zero."""

    code = "overdrawn"


class InvalidEntry(LedgerError):
    """An entry has no move, or a move that counts nothing."""

    code = "invalid_entry"


class AlreadyReversed(LedgerError):
    """An entry can be reversed once."""

    code = "already_reversed"


class AlreadySettled(LedgerError):
    """What stands on the chain is not undone in the book."""

    code = "already_settled"


class ChainBusy(LedgerError):
    """Another process is the chain's writer."""

    code = "chain_busy"


class ChainUnreachable(ChainBusy):
    """The network's node does not answer, or answers what makes no sense; asked again later."""

    code = "chain_unreachable"


class ChainUnfunded(ChainBusy):
    """The operator's key cannot pay for what waits; sent again once it can."""

    code = "chain_unfunded"


class ChainReorganised(LedgerError):
    """The network dropped a block that was noted as final."""

    code = "chain_reorganised"


class ChainCorrupt(LedgerError):
    """The chain's store or its blocks do not follow from genesis."""

    code = "chain_corrupt"


class StoreFull(LedgerError):
    """The disk, or what this process may write of it, is full: nothing of the block was kept."""

    code = "store_full"


class StoreNewer(LedgerError):
    """The chain's store was written by a newer version of this software."""

    code = "store_newer"


class ChainRejected(LedgerError):
    """A call reverted; the message is the contract's reason."""

    code = "chain_rejected"


class ChainMissing(LedgerError):
    """A reader came before the first block, or what it asks for is not in the chain."""

    code = "chain_missing"


class ChainAhead(LedgerError):
    """The chain's last block lies in the future: blocks came faster than one a second."""

    code = "chain_ahead"


class KeyUnavailable(LedgerError):
    """A signing key is missing, or its passphrase does not open it."""

    code = "key_unavailable"


class RpcRefused(LedgerError):
    """A JSON-RPC call that is answered with an error.

    `number` is its JSON-RPC code (EIP-1474), `data` what a reverted call returned.
    """

    code = "rpc_refused"

    def __init__(self, number: int, message: str, data: str | None = None) -> None:
        super().__init__(message)
        self.number = number
        self.data = data


class ProofUnreadable(LedgerError):
    """A proof or trust file that is not in its format; the message names the place."""

    code = "proof_unreadable"


class ProofUnavailable(LedgerError):
    """There is nothing to prove yet, or not any more."""

    code = "proof_unavailable"


class ChainUnreadable(LedgerError):
    """Blocks in a file or an answer are cut off, too large, or no blocks."""

    code = "chain_unreadable"


class ChainDeviates(LedgerError):
    """A block does not follow from the genesis and the blocks before it."""

    code = "chain_deviates"

    def __init__(self, height: int, what: str) -> None:
        super().__init__(f"Block {height:,} deviates: {what}.")
        self.height = height
        self.what = what


class Equivocation(ChainDeviates):
    """Two different blocks at one height bear a valid seal: proof of fraud."""

    code = "equivocation"


class SourceUnavailable(LedgerError):
    """The registry that a witness follows does not answer, or not as it should."""

    code = "source_unavailable"


class WitnessUnknown(LedgerError):
    """A signature is not by a registered witness, or not by one for this block."""

    code = "witness_unknown"


class WitnessSignatureInvalid(LedgerError):
    """A witness' signature cannot be read, or is not canonical."""

    code = "witness_signature_invalid"


class WitnessExists(LedgerError):
    """The address belongs to a witness of another name, or to a sealer."""

    code = "witness_exists"


class BlockUnknown(LedgerError):
    """No block of this height is noted here yet."""

    code = "block_unknown"


class BlockDiffers(LedgerError):
    """The block of this height here is another one."""

    code = "block_differs"


class MirrorOnly(LedgerError):
    """An account that mirrors a holder's own address is moved by the chain alone."""

    code = "mirror_only"


class LinkInvalid(LedgerError):
    """The signature does not show that the address is the holder's."""

    code = "link_invalid"


class LinkExpired(LedgerError):
    """The message to be signed was for a time that is over, or is too far ahead."""

    code = "link_expired"


class AddressTaken(LedgerError):
    """The address is another holder's, or one that nobody can hold the key of."""

    code = "address_taken"


class AddressNotLinked(LedgerError):
    """The address is not one that this holder has linked."""

    code = "address_not_linked"


class TransactionRefused(LedgerError):
    """A holder's transaction is well formed, but not the next of its sender or one too many."""

    code = "transaction_refused"


class ActUnreadable(LedgerError):
    """What should be a holder's signed act cannot be read as one."""

    code = "act_unreadable"


class ActRefused(LedgerError):
    """A holder's signed act that the contract would refuse, or that nobody here may bring."""

    code = "act_refused"


class AccountUnknown(LedgerError):
    """No account has this id."""

    code = "account_unknown"


class MoveRefused(LedgerError):
    """The registry cannot move to another chain as it is, or not with these files."""

    code = "move_refused"


class ListsUnderWay(LedgerError):
    """The reader is being sent a long list already, or too many others are."""

    code = "lists_under_way"


class ExportRefused(LedgerError):
    """A list does not fit the file that was asked for."""

    code = "export_refused"
