"""Clear up after a parent that was killed outright.

    python warden.py < PIPE

The parent writes `+GROUP` when it starts a process group and `-GROUP` when the group has
ended. The end of the pipe means that the parent is gone, however it went: what is still
listed is asked to stop and, some seconds later, killed. A command's own children, which
a death signal to their parent would not reach, are in its group.
"""

import os
import signal
import sys
import time

GRACE_S = 4.0


def signal_group(group: int, number: int) -> bool:
    """Send a signal to a process group; False when nobody is left in it."""
    try:
        os.killpg(group, number)
    except ProcessLookupError:
        return False
    return True


def listed_groups(lines: list[str]) -> list[int]:
    """The groups that were announced and not taken back, in order."""
    groups: list[int] = []
    for line in lines:
        group = int(line[1:])
        if line.startswith("+"):
            groups.append(group)
        elif group in groups:
            groups.remove(group)
    return groups


def clear(groups: list[int], *, grace_s: float = GRACE_S) -> None:
    """Stop the groups: SIGTERM first, SIGKILL for what is left after the grace."""
    left = [group for group in groups if signal_group(group, signal.SIGTERM)]
    deadline = time.monotonic() + grace_s
    while left and time.monotonic() < deadline:
        time.sleep(0.05)
        left = [group for group in left if signal_group(group, 0)]
    for group in left:
        signal_group(group, signal.SIGKILL)


if __name__ == "__main__":
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    clear(listed_groups(sys.stdin.read().splitlines()))
