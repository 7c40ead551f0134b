"""What a meter file changes of what the registry has: old and new totals side by side."""

from datetime import timedelta
from typing import Any

import numpy as np

from certificates.domain.meter_lines import MeterLines
from certificates.domain.meter_values import EPOCH
from certificates.domain.reading_rules import ACCEPTED, HELD, Verdicts

LISTED = 1_000  # corrected intervals in one report; the rest are in the sums


def diff_of(lines: MeterLines | None, verdicts: Verdicts | None) -> dict[str, Any]:
    """How many intervals are corrected, by how many Wh up and down, and the first of them.

    Each line of `diff` has its line, the interval's start in UTC, both totals in Wh, and
    whether the new one is held for review: the sums leave those out.
    """
    if lines is None or verdicts is None:
        return {"corrections": 0, "corrected_up_wh": 0, "corrected_down_wh": 0, "diff": []}
    kept = (verdicts.status == ACCEPTED) | (verdicts.status == HELD)
    positions = np.flatnonzero(verdicts.corrects & kept)
    accepted = positions[verdicts.status[positions] == ACCEPTED]
    wh = np.array(lines.wh, dtype=np.int64)
    change = wh[accepted] - verdicts.before[accepted]
    return {
        "corrections": len(positions),
        "corrected_up_wh": int(change[change > 0].sum()),
        "corrected_down_wh": -int(change[change < 0].sum()),
        "diff": [
            {
                "line": lines.line[at],
                "start": f"{EPOCH + timedelta(minutes=lines.minute[at]):%Y-%m-%dT%H:%MZ}",
                "before_wh": int(verdicts.before[at]),
                "after_wh": lines.wh[at],
                "held": bool(verdicts.status[at] == HELD),
            }
            for at in positions[:LISTED].tolist()
        ],
    }
