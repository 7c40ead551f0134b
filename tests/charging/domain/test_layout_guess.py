"""How a file is laid out, guessed from the names of its columns."""

from charging.domain.layout_guess import guess


def test_columns_are_guessed_for_a_layout_nobody_knows():
    chosen = guess(["Station", "Start time", "End time", "Energy kWh", "Address"])
    assert chosen["mapping"] == {
        "charger": "Station",
        "start_date": "Start time",
        "end_date": "End time",
        "energy": "Energy kWh",
        "site": "Address",
    }
