"""Whatever the standard allows is taken, in both versions: any optional field, and unknown ones.

The bodies are drawn from the fields, lengths and enumerations of the standard; none is its own.
"""

from copy import deepcopy
from typing import Any

import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from charging.domain.ocpi.objects import VERSIONS
from charging.models import Cdr
from charging.services.ocpi.cdr_batches import place_all
from charging.services.reconciling import reconcile_waiting
from tests.charging.api.ocpi.conftest import NOW, TOKEN, Peer
from tests.charging.api.ocpi.test_burst import undone
from tests.charging.api.ocpi.test_cdrs import code
from tests.charging.domain.ocpi.test_validation import objects

MINE = {"country_code": "BE", "party_id": "BEC"}
LATER = "2024-06-30T00:00:00Z"
TIMES = {
    "start_date_time": "2024-06-29T21:39:09Z",
    "end_date_time": "2024-06-29T23:37:32Z",
    "last_updated": LATER,
}
# What ids, times and amounts must be for the body to have a meaning, not only a shape.
PUT: dict[str, tuple[str, dict[str, Any]]] = {
    "Session": ("sessions/BE/BEC/S1", {**MINE, **TIMES, "id": "S1", "kwh": 7}),
    "Location": ("locations/BE/BEC/L1", {**MINE, "id": "L1", "last_updated": LATER}),
    "Tariff": ("tariffs/BE/BEC/T1", {**MINE, "id": "T1", "last_updated": LATER}),
    "Token": (
        "tokens/BE/BEC/U1?type=RFID",
        {**MINE, "uid": "U1", "type": "RFID", "last_updated": LATER},
    ),
}
OPTIONS = settings(
    max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("kind", PUT)
@OPTIONS
@given(data=st.data())
def test_an_object_of_the_standard_is_kept_and_read_back(connection, version, kind, data):
    peer = Peer(Client(), TOKEN, version)
    path, fixed = PUT[kind]
    made = data.draw(objects(version, kind, optional=0.4)) | deepcopy(fixed)
    answer = peer("put", path, made)
    assert answer.status_code in (200, 201), answer.content
    assert code(answer)[1] == 1000
    back = peer("get", path)
    assert set(back.json()["data"]) >= set(fixed)


@pytest.mark.parametrize("version", VERSIONS)
@OPTIONS
@given(data=st.data())
def test_a_cdr_of_the_standard_is_taken_placed_and_reconciled(connection, version, data):
    peer = Peer(Client(), TOKEN, version)
    made = data.draw(objects(version, "CDR", optional=0.4))
    made |= {**MINE, **TIMES, "id": "C1", "total_energy": 7, "credit": False, "session_id": "S1"}
    made["cdr_location"]["country"] = "BEL"
    with undone():
        answer = peer("post", "cdrs", made)
        assert code(answer) == (201, 1000), answer.content
        place_all(now=NOW)
        reconcile_waiting(now=NOW)
        row = Cdr.objects.get()
        assert (row.status, row.energy_wh) == (Cdr.Status.RECORDED, 7000), row.hold
        assert row.reconciled_at == NOW


@pytest.mark.parametrize("version", VERSIONS)
def test_what_a_site_says_of_its_parking_in_another_way_loses_no_site(connection, version):
    peer = Peer(Client(), TOKEN, version)
    made = {
        **MINE, "id": "L1", "publish": True, "address": "Quay 1", "city": "Gent", "country": "BEL",
        "coordinates": {"latitude": "51.047599", "longitude": "3.729944"},
        "time_zone": "Europe/Brussels", "last_updated": LATER,
        "parking_places": "by the water",
        "evses": [{
            "uid": "E1", "status": "AVAILABLE", "parking": ["A0"],
            "last_updated": LATER,
            "connectors": [{
                "id": "1", "standard": "IEC_62196_T2", "format": "SOCKET",
                "power_type": "AC_1_PHASE", "max_voltage": 230, "max_amperage": 16,
                "last_updated": LATER,
            }],
        }],
    }  # fmt: skip
    answer = peer("put", "locations/BE/BEC/L1", made)
    assert code(answer) == (201, 1000)
    assert ("parking" in answer.json().get("status_message", "")) == (version == "2.3.0")
