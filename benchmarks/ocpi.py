"""CDRs taken over OCPI: each a request of its own, through every layer, in one process.

What a server adds for the socket is left out; two cores take two of these at once on
PostgreSQL, while on SQLite writers wait for each other. One by one, a sender is answered when
its charge counts; in a burst when its CDR is stored, and then many are recorded together.
"""

import itertools
import json
import os
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from benchmarks.figures import Row, measured, show
from benchmarks.registry import empty_registry

FIRST = 250
SCALES = (1, 4, 16)
GOAL = 1_000  # in a burst, on two cores
START = datetime(2026, 1, 1, tzinfo=UTC)
Post = Callable[[bytes], int]


def cdr(n: int) -> bytes:
    """The n-th charge of half an hour, at one of fifty charge points."""
    start = START + timedelta(minutes=n)
    begun, ended = (f"{at:%Y-%m-%dT%H:%M:%SZ}" for at in (start, start + timedelta(minutes=30)))
    energy = {"type": "ENERGY", "volume": 11.25}
    body: dict[str, Any] = {
        "country_code": "GB",
        "party_id": "BEN",
        "id": f"C{n}",
        "start_date_time": begun,
        "end_date_time": ended,
        "session_id": f"S{n}",
        "cdr_token": _token(n),
        "auth_method": "WHITELIST",
        "cdr_location": _place(n),
        "currency": "GBP",
        "charging_periods": [{"start_date_time": begun, "dimensions": [energy]}],
        "total_cost": {"excl_vat": 4.0, "incl_vat": 4.4},
        "total_energy": 11.25,
        "total_time": 0.5,
        "last_updated": ended,
    }
    return json.dumps(body).encode()


def _token(n: int) -> dict[str, str]:
    return {
        "country_code": "GB",
        "party_id": "EMP",
        "uid": f"{n:08}",
        "type": "RFID",
        "contract_id": f"GB-EMP-C{n:08}",
    }


def _place(n: int) -> dict[str, Any]:
    return {
        "id": f"L{n % 10}",
        "address": "1 High Street",
        "city": "Perth",
        "country": "GBR",
        "coordinates": {"latitude": "56.395000", "longitude": "-3.430000"},
        "evse_uid": f"E{n % 50}",
        "evse_id": f"GB*BEN*E{n % 50}",
        "connector_id": "1",
        "connector_standard": "IEC_62196_T2",
        "connector_format": "SOCKET",
        "connector_power_type": "AC_3_PHASE",
    }


def main() -> None:
    """Print CDRs a second, and what places and reconciles them."""
    sizes = [FIRST * scale for scale in SCALES[: int(sys.argv[1]) if sys.argv[1:] else 3]]
    os.environ["REDIS_URL"] = "memory://"  # nobody works on the queue meanwhile
    with empty_registry():
        post, numbers = _client(), itertools.count()
        show(
            row
            for scale, size in zip(SCALES, sizes, strict=False)
            for row in measure(post, scale, [cdr(next(numbers)) for _ in range(FIRST + size)])
        )


def measure(post: Post, scale: int, bodies: list[bytes]) -> list[Row]:
    """A few CDRs one by one, then the others in a burst, placed, reconciled, and sent again."""
    from charging.models import Cdr
    from charging.services.ocpi.cdr_batches import place_all
    from charging.services.reconciling import reconcile_waiting

    few, many, now = bodies[:FIRST], bodies[FIRST:], datetime.now(UTC)
    rows = [
        _sent("a: taken one by one", post, scale, few, len(few), 201),
        _sent("b: taken in a burst", post, scale, many, 0, 201),
    ]
    for step, work in (("c: charges recorded", place_all), ("d: reconciled", reconcile_waiting)):
        with measured() as reading:
            work(now=now)
        rows.append(Row(step, scale, len(many), reading))
    rows.append(_sent("e: sent again", post, scale, many, 0, 200))
    if Cdr.objects.exclude(status=Cdr.Status.RECORDED, reconciled_at__isnull=False).exists():
        raise SystemExit("a charge was not recorded, or not reconciled")
    return rows


def _sent(
    step: str, post: Post, scale: int, bodies: list[bytes], at_once: int, expected: int
) -> Row:
    """`at_once`: how many of a second are placed while their sender waits."""
    from charging.api.ocpi.cdrs import PACE

    PACE.at_once = at_once
    with measured() as reading:
        answers = [post(body) for body in bodies]
    if set(answers) != {expected}:
        raise SystemExit(f"{step}: HTTP {set(answers) - {expected}}")
    return Row(step, scale, len(bodies), reading, GOAL)


def connected() -> str:
    """The token of a charging company whose connection stands."""
    from certificates.services.organisations import register_organisation
    from charging.domain.party import PartyName
    from charging.models import Connection
    from charging.services.ocpi.connections import invite

    company = register_organisation(
        name="Benchmark", slug="benchmark", roles=["charging_company"], now=START
    )
    _, token = invite(
        organisation=company,
        label="Benchmark",
        parties=[PartyName("GB", "BEN")],
        actor="benchmark",
        now=START,
    )
    role = {"role": "CPO", "country_code": "GB", "party_id": "BEN", "name": "Benchmark"}
    Connection.objects.update(status="connected", roles=[role], version="2.2.1")
    return token


def _client() -> Post:
    """A function that posts a CDR to the whole application and returns the HTTP status."""
    from django.conf import settings
    from django.test import Client

    settings.ALLOWED_HOSTS = ["*"]
    settings.DEBUG = False
    client = Client(headers={"Authorization": f"Token {connected()}"})

    def post(body: bytes) -> int:
        answer = client.post("/ocpi/2.2.1/cdrs", body, content_type="application/json")
        return int(answer.status_code)

    return post


if __name__ == "__main__":
    main()
