"""The grade is the worst of three."""

import pytest

from charging.domain.evidence import grade


@pytest.mark.parametrize(
    ("energy", "timing", "qualities", "intervals", "expected"),
    [
        ("signed", "signed", ["measured"], 3, "A"),
        ("signed", "periods", ["measured"], 3, "B"),
        ("signed", "uniform", ["measured"], 3, "C"),
        ("signed", "uniform", ["measured"], 1, "A"),
        ("statement", "signed", ["measured"], 1, "C"),
        ("signed", "signed", ["measured", "calculated"], 1, "C"),
        ("signed", "signed", ["estimated", "measured"], 1, "D"),
        ("signed", "signed", [], 1, "A"),
    ],
)
def test_the_worst_element_decides(energy, timing, qualities, intervals, expected):
    assert grade(energy, timing, qualities, intervals=intervals).grade == expected


def test_a_demo_charge_is_grade_d_and_still_says_what_is_known():
    found = grade("signed", "signed", ["measured"], intervals=1, demo=True)
    assert found.grade == "D"
    assert "signed" in found.energy
