"""kill -9 between any two system calls of a settlement: nothing is lost, nothing settled twice."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
ROUNDS, PARTS = 200, 2
RETIRED = [0, 1_000, 1_011, 1_700]  # the first Wh of each retirement, whatever happened before


def killed_at_every_part_of_it(directory: Path) -> list[dict]:
    """What the next writer found and made of it, round by round."""
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "tests.settings", "DATABASE_URL": ""}
    killers = []
    for part in range(PARTS):
        home = directory / str(part)
        home.mkdir()
        command = [sys.executable, "-m", "tests.ledger.services.settle_killer", home]
        command += map(str, (ROUNDS, part, PARTS))
        killers.append(
            subprocess.Popen(command, cwd=ROOT, env=environment, text=True, stdout=subprocess.PIPE)
        )
    said = [killer.communicate(timeout=600)[0] for killer in killers]
    assert [killer.returncode for killer in killers] == [0] * PARTS
    return [json.loads(line) for part in said for line in part.splitlines()]


@pytest.mark.slow
@pytest.mark.once
@pytest.mark.skipif(sys.platform != "linux", reason="ptrace as Linux has it")
def test_a_settlement_killed_at_any_instant_goes_on_as_if_nothing_had_been(tmp_path: Path) -> None:
    rounds = killed_at_every_part_of_it(tmp_path)
    assert len(rounds) == ROUNDS + PARTS  # and one of each part that was not killed
    for found in rounds:
        assert found["deviations"] == [], "the head is not a whole block"
        assert found["findings"] == [], "book and chain differ"
        assert found["statuses"] == ["certified"]
        assert found["starts"] == RETIRED
        assert found["sealed"] == found["batches"] == 3
        assert found["transactions"] == 2 + 3, "a call was executed twice, or not at all"
    reached = {found["heights"][0] for found in rounds}
    assert reached == {1, 2}, "kills fell on one side of the seal only"
