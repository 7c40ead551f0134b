"""Processor time of other processes, as the kernel counts it (Linux)."""

import os
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")
PARENT, TIMES = 1, slice(11, 15)  # after the name: own and ended children's, user and system


def spent(roots: dict[str, int]) -> dict[str, float]:
    """Seconds spent so far by each named process and all below it, ended ones included."""
    stats = _stats()
    return {
        name: sum(_seconds(stats[pid]) for pid in family(root, stats))
        for name, root in roots.items()
    }


def between(before: dict[str, float], after: dict[str, float]) -> dict[str, float]:
    """What each has spent from one reading to the other."""
    return {name: seconds - before[name] for name, seconds in after.items()}


def children(root: int) -> dict[int, str]:
    """The processes right below this one, with their command lines."""
    below = [pid for pid, fields in _stats().items() if int(fields[PARENT]) == root]
    return {pid: _command(pid) for pid in below}


def family(root: int, stats: dict[int, list[str]] | None = None) -> list[int]:
    """This process and all below it."""
    stats = _stats() if stats is None else stats
    found, fresh = [], {root} & stats.keys()
    while fresh:
        found += sorted(fresh)
        fresh = {pid for pid, fields in stats.items() if int(fields[PARENT]) in fresh}
    return found


def parent(pid: int) -> int:
    """The process that started this one."""
    return int(_stats()[pid][PARENT])


def _stats() -> dict[int, list[str]]:
    found = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            found[int(folder.name)] = (folder / "stat").read_text().rpartition(")")[2].split()
        except OSError:  # it has just ended
            continue
    return found


def _seconds(fields: list[str]) -> float:
    return sum(map(int, fields[TIMES])) / TICKS


def _command(pid: int) -> str:
    try:
        return (Path("/proc") / str(pid) / "cmdline").read_bytes().replace(b"\0", b" ").decode()
    except OSError:
        return ""
