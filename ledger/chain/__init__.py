"""The chain: where the ledger becomes evidence that anyone can check.

Pure of models: services hand batches to `port.Chain` and read facts back from it.
Importing the machine costs a second, so it happens where a chain is opened and nowhere
else.
"""

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ledger.chain.port import Chain

# The C hash is five times faster; eth_hash reads this once, before its first digest.
os.environ.setdefault("ETH_HASH_BACKEND", "pysha3")


def open_chain(*, writable: bool) -> "Chain":
    """The chain that the settings name; see `opening.open_chain`."""
    from ledger.chain import opening

    return opening.open_chain(writable=writable)
