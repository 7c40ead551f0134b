"""Distance on the ground."""

from certificates.domain.geography import great_circle_km


def test_kelmarsh_to_perth_is_a_day_s_drive():
    assert 450 < great_circle_km(52.4, -0.94, 56.39, -3.43) < 500


def test_a_degree_of_latitude_is_about_111_km():
    assert great_circle_km(0, 0, 1, 0) == 111


def test_here_to_here_is_nothing():
    assert great_circle_km(56.4, -3.4, 56.4, -3.4) == 0
