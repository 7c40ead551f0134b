"""Settles, killed between any two system calls: `settle_killer DIRECTORY ROUNDS PART PARTS`.

One base is made: a registry whose outbox waits, over a chain that is founded. Each round works
on a copy. A child settles under ptrace, which stops it before and after every system call; at
the round's stop it is killed (SIGKILL). Another child then does what a restarted writer does,
and says what it found, as one JSON line on standard output. Rounds are spread evenly over all
stops of a whole run, so that each part of it is hit: preparing, sealing, recording. Several
processes may share the rounds: part 0 of 2 takes the even ones.
"""

import ctypes
import json
import os
import shutil
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import django
from django.conf import settings
from django.core.management import call_command
from django.db import connections

TRACE_ME, TRACE_SYSCALL = 0, 24  # PTRACE_TRACEME and PTRACE_SYSCALL of <sys/ptrace.h>
LIBC = ctypes.CDLL(None, use_errno=True)
LIBC.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]
LIBC.ptrace.restype = ctypes.c_long
ENDED = -1


def ptrace(request: int, pid: int) -> None:
    if LIBC.ptrace(request, pid, None, None) < 0:
        raise OSError(ctypes.get_errno(), "ptrace is not permitted here")


def run_and_kill(work: Callable[[], None], stop: int | None) -> int:
    """Run in a child until its given stop, then kill it; the number of stops it made."""
    child = os.fork()
    if child == 0:
        ptrace(TRACE_ME, 0)
        os.kill(os.getpid(), signal.SIGSTOP)
        end(work)
    os.waitpid(child, 0)
    made = 0
    while made != stop:
        ptrace(TRACE_SYSCALL, child)
        _, status = os.waitpid(child, 0)
        if os.WIFEXITED(status):
            if os.WEXITSTATUS(status):
                raise RuntimeError("the settling child failed by itself")
            return made
        made += 1
    os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    if os.WTERMSIG(status) != signal.SIGKILL:
        raise RuntimeError("the child was not killed")
    return made


def end(work: Callable[[], None]) -> None:
    """Do the work of a child, and end without the parent's clean-up."""
    try:
        work()
    except BaseException:
        import traceback

        traceback.print_exc()
        os._exit(1)
    sys.stdout.flush()
    os._exit(0)


def use(directory: Path) -> None:
    """Let this process work on a registry's directory."""
    connections.close_all()
    connections["default"].settings_dict["NAME"] = str(directory / "registry.sqlite3")
    settings.CHAIN_DIR, settings.KEYSTORE_DIR = directory / "chain", directory / "keys"


def make_base(directory: Path) -> None:
    """Lots, a transfer and retirements, all waiting to be settled."""
    from eth_account import Account as KeyAccount

    from tests.ledger.services.test_settlement import Registry

    encrypt = KeyAccount.encrypt
    KeyAccount.encrypt = lambda key, password, iterations=None: encrypt(key, password, iterations=1)
    directory.mkdir()
    use(directory)
    call_command("migrate", verbosity=0)
    from ledger.chain import open_chain

    with open_chain(writable=True):
        pass
    registry = Registry()
    registry.issue([1_000, 700, 50])
    registry.transfer(0, 400)
    for mark, lot in enumerate((0, 1, 1, 2)):
        registry.retire(lot, 10 + mark, mark)
    connections.close_all()


def work_in(directory: Path, work: Callable[[], Any]) -> Callable[[], None]:
    def child() -> None:
        use(directory)
        work()
        connections.close_all()

    return child


def settle_once() -> None:
    from ledger.services.settlement import settle
    from tests.ledger.chain.chains import Clock

    settle(clock=Clock(), patience=0)


def look_and_settle() -> None:
    """What a restarted writer meets and makes of it."""
    from ledger.chain.opening import verify_stored_chain
    from ledger.models import Batch, OutboxItem
    from ledger.services.consistency import check_everything

    before = verify_stored_chain(progress=lambda done, total: None)
    settle_once()
    after = verify_stored_chain(progress=lambda done, total: None)
    stretches = OutboxItem.objects.filter(kind=Batch.Kind.SETTLE).order_by("pk")
    found = {
        "deviations": [str(each) for each in (before.deviation, after.deviation) if each],
        "heights": [before.blocks, after.blocks],
        "statuses": sorted(set(OutboxItem.objects.values_list("status", flat=True))),
        "transactions": after.transactions,
        "sealed": Batch.objects.filter(status=Batch.Status.SEALED).count(),
        "batches": Batch.objects.count(),
        "starts": list(stretches.values_list("renewable_wh", flat=True)),
        "findings": [str(finding) for finding in check_everything()],
    }
    print(json.dumps(found), flush=True)


def main(directory: Path, rounds: int, part: int, parts: int) -> None:
    base, copy = directory / "base", directory / "copy"
    make_base(base)

    def fresh() -> Path:
        shutil.rmtree(copy, ignore_errors=True)
        return Path(shutil.copytree(base, copy))

    use(fresh())
    look_and_settle()  # here too, so that children need not load and compile it all again
    connections.close_all()
    total = run_and_kill(work_in(fresh(), settle_once), None)
    for number in range(part, rounds, parts):
        stop = (2 * number + 1) * total // (2 * rounds)
        run_and_kill(work_in(fresh(), settle_once), stop)
        survivor = os.fork()
        if survivor == 0:
            end(work_in(copy, look_and_settle))
        _, status = os.waitpid(survivor, 0)
        if status:
            raise RuntimeError(f"killed at stop {stop} of {total}, the next writer failed")


if __name__ == "__main__":
    django.setup()
    main(Path(sys.argv[1]), *map(int, sys.argv[2:]))
