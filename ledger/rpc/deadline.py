"""How long one request may keep a process busy."""

import time

from ledger.rpc.errors import refused


class Deadline:
    """A budget of seconds that begins now."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._ends = time.monotonic() + seconds

    @property
    def is_over(self) -> bool:
        return time.monotonic() > self._ends

    def check(self) -> None:
        """Raises: RpcRefused once the time is used up."""
        if self.is_over:
            raise refused(f"the request took longer than {self.seconds:g} s; ask for less at once")
