"""Where the sun stands, by a simple formula that is right to about half a degree.

Source: J. W. Spencer, "Fourier series representation of the position of the sun", Search 2
(1971), for declination and equation of time; the elevation follows from the hour angle:
sin(elevation) = sin(latitude) sin(declination) + cos(latitude) cos(declination) cos(hour angle).
"""

import numpy as np
import numpy.typing as npt

Column = npt.NDArray[np.int64]
Degrees = npt.NDArray[np.float64]
DAY, YEAR_DAYS = 1_440, 365.2425


def elevation(minute: Column, latitude: float, longitude: float) -> Degrees:
    """Degrees above the horizon at minutes since 1970-01-01T00:00Z; east and north positive.

    Without refraction, which lifts the sun by half a degree at the horizon.
    """
    days = minute / DAY
    angle = 2 * np.pi * (days % YEAR_DAYS) / YEAR_DAYS
    declination = (
        0.006918
        - 0.399912 * np.cos(angle)
        + 0.070257 * np.sin(angle)
        - 0.006758 * np.cos(2 * angle)
        + 0.000907 * np.sin(2 * angle)
        - 0.002697 * np.cos(3 * angle)
        + 0.00148 * np.sin(3 * angle)
    )
    equation_minutes = 229.18 * (
        0.000075
        + 0.001868 * np.cos(angle)
        - 0.032077 * np.sin(angle)
        - 0.014615 * np.cos(2 * angle)
        - 0.040849 * np.sin(2 * angle)
    )
    solar_minutes = minute % DAY + equation_minutes + 4 * longitude
    hour_angle = np.radians(solar_minutes / 4 - 180)
    north = np.radians(latitude)
    sine = np.sin(north) * np.sin(declination)
    sine = sine + np.cos(north) * np.cos(declination) * np.cos(hour_angle)
    return np.asarray(np.degrees(np.arcsin(np.clip(sine, -1, 1))), np.float64)


def highest_elevation(minute: Column, length: int, latitude: float, longitude: float) -> Degrees:
    """The highest at the start, the middle and the end of intervals of `length` minutes."""
    steps = [elevation(minute + part, latitude, longitude) for part in (0, length // 2, length)]
    return np.asarray(np.maximum.reduce(steps), np.float64)
