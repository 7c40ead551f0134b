"""What certificates tell whoever listens above them."""

from django.dispatch import Signal

# Readings were corrected: sent with `correction_ids`, `deficit_ids` and `now`, inside the
# transaction that took back what could be taken back. The latter are those whose interval's
# deficit changed: what was retired of its lots stays retired, and whoever claimed it should
# say so.
readings_corrected = Signal()

# Lots were issued: sent with `days`, for each account that was given some of them the UTC days
# on which they start, inside the transaction that writes them.
lots_issued = Signal()
