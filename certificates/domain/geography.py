"""Distance on the ground."""

from math import asin, cos, radians, sin, sqrt

EARTH_RADIUS_KM = 6371.0088  # mean radius, IUGG


def great_circle_km(
    latitude: float, longitude: float, other_latitude: float, other_longitude: float
) -> int:
    """Kilometres between two places given in degrees, by the haversine formula, rounded."""
    phi, other_phi = radians(latitude), radians(other_latitude)
    half_lat = sin((other_phi - phi) / 2)
    half_lon = sin(radians(other_longitude - longitude) / 2)
    a = half_lat**2 + cos(phi) * cos(other_phi) * half_lon**2
    return round(2 * EARTH_RADIUS_KM * asin(min(1.0, sqrt(a))))
