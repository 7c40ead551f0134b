"""What can go wrong before the registry's processes stand."""


class StartError(Exception):
    """The registry cannot be started as asked."""

    code = "start_error"


class PortInUse(StartError):
    """Another program listens on the port."""

    code = "port_in_use"


class AlreadyRunning(StartError):
    """Another process tree works on the same data directory."""

    code = "already_running"


class QueueUnavailable(StartError):
    """The embedded queue server cannot run here."""

    code = "queue_unavailable"
