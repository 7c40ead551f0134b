"""What can go wrong in charging, with a stable code and a sentence for each."""


class ChargingError(Exception):
    """Base of all errors of this app; `code` is stable, the message is for people."""

    code = "charging_error"
