"""The demo's whole year, from its files to certified, stage by stage in one process.

`manage.py up` is faster: there the chain's writer settles in a process of its own meanwhile.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from benchmarks.figures import measured
from benchmarks.registry import empty_registry

GOAL_S = 60


@contextmanager
def stage(label: str) -> Iterator[Callable[[int, int], None]]:
    """Measures one stage of the demo."""
    with measured() as measure:
        yield lambda done, total: None
    print(f"{label:<40}{measure.cpu_s:>9.2f}{measure.wall_s:>9.2f}", flush=True)


def main() -> None:
    """Print each stage's time, and when the first receipt was certified."""
    with empty_registry():
        from django.utils import timezone

        from charging.demo import play

        began = time.perf_counter()
        early: list[float] = []
        print(f"{'stage':<40}{'cpu s':>9}{'wall s':>9}")
        with measured() as whole:
            result = play(
                clock=timezone.now,
                stage=stage,
                say=lambda receipt: early.append(time.perf_counter() - began),
            )
        print(f"{'whole year':<40}{whole.cpu_s:>9.2f}{whole.wall_s:>9.2f}  (goal {GOAL_S} s)")
        print(
            f"first receipt certified after {early[0]:.1f} s; "
            f"{result.certified:,} acts certified in all"
        )


if __name__ == "__main__":
    main()
