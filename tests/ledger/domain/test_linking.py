from datetime import UTC, datetime, timedelta, timezone
from uuid import UUID

import pytest

from ledger.domain.linking import link_message

ABOUT = {
    "chain_id": 202611,
    "registry_id": 1,
    "account": UUID(int=10),
    "address": b"\xab" * 20,
    "until": datetime(2018, 2, 1, 10, tzinfo=UTC),
}


def test_the_message_names_all_that_the_link_is_about():
    message = link_message(**ABOUT)
    for named in (
        "Address: 0x" + "ab" * 20,
        "Account: 00000000-0000-0000-0000-00000000000a",
        "Registry: 1 on chain 202611",
        "Good until: 2018-02-01T10:00:00Z",
    ):
        assert named in message.split("\n")


@pytest.mark.parametrize("name", ABOUT)
def test_another_fact_is_another_message(name):
    other = {
        "chain_id": 1,
        "registry_id": 2,
        "account": UUID(int=11),
        "address": b"\xac" * 20,
        "until": ABOUT["until"] + timedelta(seconds=1),
    }
    assert link_message(**ABOUT | {name: other[name]}) != link_message(**ABOUT)


def test_one_instant_is_one_message_in_every_time_zone():
    there = ABOUT["until"].astimezone(timezone(timedelta(hours=5, minutes=30)))
    assert link_message(**ABOUT | {"until": there}) == link_message(**ABOUT)
