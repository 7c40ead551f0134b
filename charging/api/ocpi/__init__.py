"""The door for other charging systems: OCPI 2.2.1 and 2.3.0 under /ocpi/."""
