"""Whether energy came out of storage or of another carrier before it was certified elsewhere.

EnergyTag, Granular Certificate Standard v2: a certificate says whether it was issued after release
from storage or after conversion; what was stored keeps the source and the emissions of its
generation; losses are input less output over a fixed interval, stated as an efficiency; the
certificates of what went in are cancelled for it. So a file must name the source of the generation
in every line, and an efficiency in those of storage.
"""

import re

from certificates.domain.meter_values import Unreadable

IS_STORAGE, EFFICIENCY = "is_storage", "storage_efficiency_factor"
IS_CONVERTED = "issuance_post_energy_carrier_conversion"
YES = "TRUE"
FLAGS = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False, "": False}
_DECIMAL = re.compile(r"0?\.\d{1,12}|0|1|1\.0{1,12}")


def flag(text: str) -> bool:
    """TRUE, FALSE or nothing. Raises: Unreadable."""
    if text.lower() not in FLAGS:
        raise Unreadable("is neither TRUE nor FALSE")
    return FLAGS[text.lower()]


def efficiency(text: str) -> str:
    """A share above 0 and up to 1, kept as it is written. Raises: Unreadable."""
    if not text:
        raise Unreadable(
            "is empty although storage gave the energy back; EnergyTag's standard has the losses "
            "stated as an efficiency, so write it, such as 0.85"
        )
    if not (_DECIMAL.fullmatch(text) and text.strip("0.")):
        raise Unreadable("is no share above 0 and up to 1; write it with a point, such as 0.85")
    return text
