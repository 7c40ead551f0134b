"""Holders' signed acts as calls of the certificate contract, which anybody may send."""

from ledger.chain.codec import call_data
from ledger.domain.signed_acts import SignedAct, SignedTransfer, vrs

_SIGNATURE = "uint256,uint256,uint256,uint256,uint256)"  # nonce, deadline, v, r, s
TRANSFER_SIGNED = "transferBySignature(address,address,uint256,uint256," + _SIGNATURE
RETIRE_SIGNED = "retireBySignature(address,uint256,uint256,bytes32," + _SIGNATURE


def encode(act: SignedAct) -> bytes:
    """Calldata that carries an act out."""
    signed = (act.nonce, act.deadline, *vrs(act.signature))
    if isinstance(act, SignedTransfer):
        what = (act.source, act.destination, act.token_id, act.amount)
        return call_data(TRANSFER_SIGNED, *what, *signed)
    return call_data(RETIRE_SIGNED, act.account, act.token_id, act.amount, act.commitment, *signed)
