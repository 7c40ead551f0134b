"""How much of full power a technology may show over a whole day, and any plant in an interval, in
per cent, before its readings are held.

These are this registry's assumptions; no published limit is known to it. They are bounds, not
expectations: what is above is looked at by an auditor, not refused. Photovoltaics: the sun is up
for at most about 14 hours outside the polar circles and power rises and falls within them, so that
a plant is not expected to reach half of what full power all day would be; a field of modules far
larger than the registered capacity, or trackers under a midnight sun, may. Tides turn four times a
day and a tidal plant stands still at slack water. Others may run all day. In one interval a plant
may show a little more than its registered capacity: official data exceed it by fractions of a
percent. A registry's policy can set other values from a day on (`RegistryPolicy`).
"""

PHOTOVOLTAIC, TIDAL = "T0101", "T0401"
TOLERANCE_PERCENT = 5
ASSUMED_PERCENT = {PHOTOVOLTAIC: 50, TIDAL: 80}


def highest_day_percent(
    technology_code: str, photovoltaic: int | None = None, tidal: int | None = None
) -> int | None:
    """The policy's value where it sets one, else the assumption; None where a plant may run at
    full power all day.
    """
    set_by_policy = {PHOTOVOLTAIC: photovoltaic, TIDAL: tidal}
    family = technology_code[:5]
    return set_by_policy.get(family) or ASSUMED_PERCENT.get(family)
