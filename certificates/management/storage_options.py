"""What commands about storage are told."""

import argparse
from datetime import UTC, datetime, time


def day(text: str) -> datetime:
    """A day's begin in UTC, or an instant with its zone."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no day such as 2018-01-31") from None
    if moment.tzinfo is None and moment.time() != time():
        raise argparse.ArgumentTypeError(f"{text!r} does not say its zone; append Z")
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
