"""Files of another registry's certificates, made for tests."""

import io
from collections.abc import Mapping

from certificates.domain.external.line import COLUMNS

GOOD = {
    "issuance_id": "GC-7-2018-01-01-00",
    "bundle_quantity": "1000",
    "certificate_bundle_id_range_start": "0",
    "certificate_bundle_id_range_end": "999",
    "energy_carrier": "electricity",
    "energy_source": "wind",
    "face_value": "1",
    "issuance_post_energy_carrier_conversion": "FALSE",
    "production_starting_interval": "2018-01-01T00:00:00Z",
    "production_ending_interval": "2018-01-01T01:00:00Z",
    "local_timezone": "Europe/London",
    "is_storage": "FALSE",
    "country_of_issuance": "Denmark",
    "issuing_body": "Another registry",
    "issue_market_zone": "DK1",
}


def gc_csv(*changes: Mapping[str, str], head: str = "", delimiter: str = ",") -> io.BytesIO:
    """A file of 25 columns with a line for each mapping of changes to a good one."""
    lines = [delimiter.join(COLUMNS)]
    for change in changes or ({},):
        row = GOOD | dict(change)
        lines.append(delimiter.join(row.get(name, "") for name in COLUMNS))
    return io.BytesIO((head + "\n".join(lines) + "\n").encode())


def hours(count: int, wh: int = 1000, start: int = 0) -> list[dict[str, str]]:
    """One bundle for each hour of 2018-01-01, their serials one after the other."""
    return [
        {
            "issuance_id": f"GC-7-2018-01-01-{hour:02}",
            "bundle_quantity": str(wh),
            "certificate_bundle_id_range_start": str(start + hour * wh),
            "certificate_bundle_id_range_end": str(start + (hour + 1) * wh - 1),
            "production_starting_interval": f"2018-01-01T{hour:02}:00:00Z",
            "production_ending_interval": f"2018-01-01T{hour + 1:02}:00:00Z",
        }
        for hour in range(count)
    ]
