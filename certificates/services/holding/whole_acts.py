"""Acts over certificates of plants whose market knows only whole ones."""

from collections.abc import Mapping

from certificates.domain.odometer import CERTIFICATE_WH
from certificates.domain.whole_certificates import part_of
from certificates.errors import WholeCertificatesOnly
from certificates.models import Device, LotAsset

LOOK_UP = 500  # ids in one query


def check_whole(amounts: Mapping[int, int]) -> None:
    """Wh of assets (by id) that one act moves or uses: whole MWh of each such plant.

    Parted attributes are counted apart. Raises: WholeCertificatesOnly.
    """
    devices = Device.objects.filter(whole_certificates=True).in_bulk()
    if not devices:
        return
    sums: dict[tuple[int, int], int] = {}
    assets = sorted(amounts)
    for begin in range(0, len(assets), LOOK_UP):
        some = LotAsset.objects.filter(
            asset__in=assets[begin : begin + LOOK_UP], lot__device__whole_certificates=True
        )
        for asset, device, mask in some.values_list("asset", "lot__device", "mask"):
            sums[device, mask] = sums.get((device, mask), 0) + amounts[asset]
    for (device, _), wh in sorted(sums.items()):
        if part_of(wh):
            raise WholeCertificatesOnly(_words(devices[device], wh))


def _words(device: Device, wh: int) -> str:
    below = wh - part_of(wh)
    fewer = f"{below:,} Wh or " if below else ""
    return (
        f"{device.name} ({device.gsrn}) is certified in whole MWh, and {wh:,} Wh of it are asked "
        f"for. Ask for {fewer}{below + CERTIFICATE_WH:,} Wh of it, or leave it out."
    )
