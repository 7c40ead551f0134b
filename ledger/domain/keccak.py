"""Keccak-256 as Ethereum uses it, by the fastest implementation at hand."""

from collections.abc import Callable


def _implementation() -> Callable[[bytes], bytes]:
    """safe-pysha3 needs 1 us a hash; eth-hash, with whatever backend it finds, up to 8 us."""
    try:
        from sha3 import keccak_256
    except ImportError:
        from eth_hash.auto import keccak

        return lambda data: keccak(data)

    def digest(data: bytes) -> bytes:
        hashed: bytes = keccak_256(data).digest()
        return hashed

    return digest


keccak256: Callable[[bytes], bytes] = _implementation()
