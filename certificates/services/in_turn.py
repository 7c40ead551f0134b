"""Acts that are due, one after the other, of which one that is refused holds up no other."""

import logging
from collections.abc import Callable, Iterable
from typing import TypeVar

from django.db.models import Model

from certificates.errors import CertificatesError
from ledger.errors import LedgerError

Row = TypeVar("Row", bound=Model)
logger = logging.getLogger(__name__)


def in_turn(rows: Iterable[Row], act: Callable[[Row], object]) -> int:
    """Call `act` for each row, in a transaction of its own; returns how many went well.

    What is refused is logged and waits for the next run.
    """
    done = 0
    for row in rows:
        try:
            act(row)
            done += 1
        except (CertificatesError, LedgerError):
            logger.exception("%s %d was not carried out", type(row).__name__, row.pk)
    return done
