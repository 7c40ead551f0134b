"""Asking a worker, whose queue may not be there: a sweep finds what was asked for in vain."""

import logging

from celery import Signature, current_app
from kombu.exceptions import OperationalError

logger = logging.getLogger(__name__)


def ask(work: Signature) -> bool:
    """Hand work to the queue; whether it was taken.

    Tried once: somebody waits for the answer, and on the shared connection a queue that does
    not answer holds them up by half a minute.
    """
    try:
        with current_app.connection_for_write(transport_options={"max_retries": 0}) as queue:
            work.apply_async(connection=queue, retry=False)
    except OperationalError as error:
        # No warning: commands work without a queue, too; whoever starts one later has the sweeps.
        logger.info("The queue does not answer; a sweep asks for %s again. %s", work, error)
        return False
    return True
