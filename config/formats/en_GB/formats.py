"""Twenty-four hours and the zone's name: an instant in a registry leaves nothing to guess."""

TIME_FORMAT = "H:i"
DATETIME_FORMAT = "j M Y, H:i e"
SHORT_DATETIME_FORMAT = "Y-m-d H:i e"
