"""What a generator fills in."""

from certificates.forms.meter import MeterFileForm

__all__ = ["MeterFileForm"]
