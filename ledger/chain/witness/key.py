"""A witness' signing key: a keystore file of its own (Web3 Secret Storage)."""

from pathlib import Path

from ledger.chain.keys import KeyRing
from ledger.errors import KeyUnavailable

SUFFIX = ".json"


def unlock(path: Path, *, passphrase: str, create: bool) -> bytes:
    """The 32-byte private key in the file; drawn and stored when it is absent and `create`.

    Raises: KeyUnavailable.
    """
    if path.suffix != SUFFIX:
        raise KeyUnavailable(f"Name the key's file with the ending {SUFFIX}.")
    if not passphrase:
        raise KeyUnavailable("Set WITNESS_PASSPHRASE: it opens the witness' key.")
    if not create and not path.exists():
        raise KeyUnavailable(f"There is no key at {path}. Draw one with --create-key.")
    ring = KeyRing(path.parent, passphrase=lambda: passphrase, create=create)
    try:
        return ring.unlock(path.stem)
    except KeyUnavailable as error:
        raise KeyUnavailable(f"WITNESS_PASSPHRASE does not open {path}.") from error
