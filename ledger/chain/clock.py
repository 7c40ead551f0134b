"""The second that the next block bears."""

from datetime import datetime

from ledger.errors import ChainAhead

# Blocks are whole, increasing seconds; beyond this the clock or the caller is wrong.
MAX_AHEAD_SECONDS = 5


def next_timestamp(parent: int, now: datetime) -> int:
    """Now, but after the parent; whole seconds since 1970. Raises: ChainAhead."""
    clock = int(now.timestamp())
    timestamp = max(clock, parent + 1)
    if timestamp - clock > MAX_AHEAD_SECONDS:
        raise ChainAhead(
            f"The chain's last block is {parent - clock} s ahead of the clock. A block holds one "
            f"second: put more calls in each, or set the clock right."
        )
    return timestamp
