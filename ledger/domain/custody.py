"""Addresses of accounts that the registry keeps: nobody can find a key to one."""

from uuid import UUID

from ledger.domain.keccak import keccak256

DOMAIN = b"REC-custody-v1"


def custody_address(chain_id: int, registry_id: int, account: UUID) -> bytes:
    """The 20 bytes that the contract derives from an account's id in its registry and chain."""
    return keccak256(
        DOMAIN
        + chain_id.to_bytes(32, "big")
        + registry_id.to_bytes(32, "big")
        + account.int.to_bytes(32, "big")
    )[12:]
