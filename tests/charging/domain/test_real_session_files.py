"""Excerpts of published files: every row accounted for, the odd ones for the right reason."""

from collections import Counter
from pathlib import Path

import pytest

from charging.domain.layout_guess import guess
from charging.domain.profiles import PROFILES
from charging.domain.session_file import header_of, read_rows
from charging.domain.session_rows import Period, Verdict, judge

FOLDER = Path(__file__).parent / "session_files"
# The first ten, twelve or fifteen rows of each file, and then the odd ones. Of the first
# twelve in Trondheim one car stayed plugged in for longer than a day.
KNOWN = {
    "perth_kinross_2016.csv": ("perth_kinross", (10, 0, 5)),
    "perth_kinross_2017.csv": ("perth_kinross", (10, 0, 5)),
    "perth_kinross_2018.csv": ("perth_kinross", (10, 0, 7)),
    "trondheim.csv": ("trondheim", (11, 9, 2)),
    "epfl_level3.csv": ("epfl_level3", (15, 0, 0)),
}


@pytest.mark.parametrize("name", KNOWN)
def test_every_row_is_accepted_held_with_a_repair_or_rejected(name):
    profile, expected = KNOWN[name]
    data = (FOLDER / name).read_bytes()
    assert guess(header_of(data).names) == {"profile": profile}
    outcomes = [
        judge(row.fields, PROFILES[profile], Period()) for row in read_rows(data, PROFILES[profile])
    ]
    counts = Counter(outcome.verdict for outcome in outcomes)
    ways = (Verdict.ACCEPTED, Verdict.HELD, Verdict.REJECTED)
    assert tuple(counts[verdict] for verdict in ways) == expected
    assert all(outcome.proposals for outcome in outcomes if outcome.verdict is Verdict.HELD)
    assert all(outcome.problems for outcome in outcomes if outcome.verdict is Verdict.REJECTED)


def test_the_stated_duration_corrects_the_night_the_clock_changed():
    data = (FOLDER / "trondheim.csv").read_bytes()
    rows = {row.fields["session_ID"]: row for row in read_rows(data, PROFILES["trondheim"])}
    outcome = judge(rows["540"].fields, PROFILES["trondheim"], Period())
    (proposal,) = outcome.proposals
    assert proposal.charge.ended - proposal.charge.started == 66_718  # 18.53277778 h
    assert proposal.charge.energy_wh == 12_780
