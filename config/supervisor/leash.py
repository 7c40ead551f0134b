"""Replace this process with a command that ends when its parent ends.

    python leash.py PARENT_PID COMMAND [ARGUMENT ...]

Linux sends SIGTERM to the command when the parent's spawning thread is gone (prctl(2),
PR_SET_PDEATHSIG; the setting survives execve). Elsewhere only the warden clears up.
It is run by path and imports nothing of the project, so that it starts in milliseconds.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def tie_to_parent(parent_pid: int) -> None:
    """Ask for SIGTERM at the parent's death; leave at once when it is dead already."""
    if sys.platform.startswith("linux"):
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent_pid:
        sys.exit(143)


if __name__ == "__main__":
    tie_to_parent(int(sys.argv[1]))
    os.execvp(sys.argv[2], sys.argv[2:])  # noqa: S606
