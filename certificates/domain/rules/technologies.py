"""How much of full power a technology reaches over a whole day, in per cent.

Bounds, not expectations: only what no plant of the kind does is held. Photovoltaics: the
clearest midsummer day on trackers in a desert stays below 50 % of peak power (the sun is up
at most about 14 hours outside the polar circles and rises and sets within it). Tides turn
four times a day; a tidal plant stands still at slack water. Others may run all day.
"""

PHOTOVOLTAIC = "T0101"
DAY_PERCENT = {PHOTOVOLTAIC: 50, "T0401": 80}


def highest_day_percent(technology_code: str) -> int | None:
    """None where a plant may run at full power all day."""
    return DAY_PERCENT.get(technology_code[:5])
