"""What the ledger tells whoever listens above it."""

from django.dispatch import Signal

# A batch is in a sealed block and its numbers are read back: sent with `batch_id`,
# inside the transaction that records it.
batch_certified = Signal()

# An entry was refused by the chain and reversed in the book: sent with `entry_ids` and
# `reason`, inside the transaction that reverses it.
entries_failed = Signal()

# Holders moved or retired something at addresses of their own, and the book followed: sent
# with `entry_ids`, inside the transaction that records the block.
entries_mirrored = Signal()

# An address was shown to be a holder's: sent with `account_id`, the account that mirrors it,
# inside the transaction that links it.
address_linked = Signal()

# Value moved: sent with `sheet`, the entries posted for the first time, inside the
# transaction that posts them. A reversal is one of them.
entries_posted = Signal()
