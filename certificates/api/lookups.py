"""Devices that a request names in its body: of one's own, or of anybody's."""

from certificates.errors import CertificatesError, DeviceUnknown
from certificates.models import Device, Organisation
from certificates.queries.public_pages import public_devices


def own_device(
    organisation: Organisation, gsrn: str, refusal: type[CertificatesError], advice: str = ""
) -> Device:
    """A device of the caller. Raises: `refusal`, with what to do instead."""
    found = organisation.devices.select_related("organisation").filter(gsrn=gsrn).first()
    if found is None:
        raise refusal(f"You have no device {gsrn}. {advice}".strip())
    return found


def device_named(
    organisation: Organisation, gsrn: str, refusal: type[CertificatesError] = DeviceUnknown
) -> Device:
    """One's own, or one that anybody may see. Raises: `refusal`."""
    mine = organisation.devices.select_related("organisation").filter(gsrn=gsrn).first()
    found = mine or public_devices().filter(gsrn=gsrn).first()
    if found is None:
        raise refusal(f"No device has the GSRN {gsrn}.")
    return found
