"""Work for many companies, of which one that fails holds up no other."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from certificates.models import Organisation

logger = logging.getLogger(__name__)


class Apart:
    """Keeps each company's failure apart from the others' work, to be raised after it."""

    def __init__(self) -> None:
        self._failures: list[Exception] = []

    @contextmanager
    def of(self, organisation: Organisation) -> Iterator[None]:
        """A block of work for one company, in a transaction of its own or none."""
        try:
            yield
        except Exception as error:
            logger.exception("The work for %s failed; the others' goes on.", organisation.slug)
            error.add_note(f"In the work for {organisation.slug}.")
            self._failures.append(error)

    def end(self) -> None:
        """Raises: the first failure, once everybody's work is done."""
        if self._failures:
            raise self._failures[0]
