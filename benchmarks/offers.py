"""Many lots offered, accepted and used in one call each.

The unit is 6,250 lots of a turbine; 4 and 16 times are as many hours of the same turbine.
"""

import io
from datetime import UTC, datetime, timedelta

from benchmarks.figures import SCALES, Row, measured, show
from benchmarks.registry import empty_registry

NOW = datetime(2040, 1, 1, tzinfo=UTC)
START = datetime(2018, 1, 1, tzinfo=UTC)
LOTS = 6_250
GOAL = 10_000  # lots a second: 100,000 in ten seconds
FACTS = {
    "technology_code": "T020001",
    "energy_source_code": "F01050100",
    "capacity_w": 2_050_000,
    "area": "10YGB----------A",
    "commissioned_on": "2016-04-01",
}


def issue_lots(scale: int) -> None:
    """One device with so many hours of 1,000 Wh."""
    from certificates.domain.device_facts import read_facts
    from certificates.services.issuing.issuance import issue
    from certificates.services.meters.readings import import_readings
    from certificates.services.plants.devices import register_device

    stated = FACTS | {"gsrn": "", "name": f"Turbine {scale}", "organisation": f"farm-{scale}"}
    device = register_device(facts=read_facts(stated), now=NOW, approve=True)
    hours = (START + timedelta(hours=n) for n in range(LOTS * scale))
    body = "\n".join(f"{hour:%Y-%m-%dT%H:%M}Z,1" for hour in hours)
    stream = io.BytesIO(f"interval_start_utc,energy_kwh\n{body}\n".encode())
    import_readings(device=device, stream=stream, name="m.csv", selection={}, now=NOW)
    issue(device=device, now=NOW)


def measure(scale: int) -> list[Row]:
    """Offer all of it, accept, and use all of it for one beneficiary."""
    from certificates.domain.selection import Criteria
    from certificates.queries.holding.holdings import held_wh
    from certificates.services.holding.cancellations import Beneficiary, CancellationRequest, cancel
    from certificates.services.holding.offers import OfferRequest, accept, offer
    from certificates.services.organisations import register_organisation

    farm, buyer = (
        register_organisation(
            name=f"{role} {scale}", slug=f"{role}-{scale}", roles=["producer"], now=NOW
        )
        for role in ("farm", "buyer")
    )
    issue_lots(scale)
    count = LOTS * scale
    with measured() as offering:
        made = offer(request=OfferRequest(farm, buyer, Criteria(), "k"), now=NOW)
    with measured() as accepting:
        accept(offer=made, by=buyer, now=NOW)
    assert (made.lots, held_wh(buyer)) == (count, 1_000 * count)
    office = Beneficiary("self", "GB", "Office", START, NOW)
    with measured() as using:
        cancel(request=CancellationRequest(buyer, Criteria(), office, "k"), now=NOW)
    assert held_wh(buyer) == 0
    return [
        Row("lots offered", scale, count, offering, GOAL),
        Row("lots accepted", scale, count, accepting, GOAL),
        Row("lots used for one beneficiary", scale, count, using),
    ]


if __name__ == "__main__":
    with empty_registry():
        show(row for scale in SCALES for row in measure(scale))
