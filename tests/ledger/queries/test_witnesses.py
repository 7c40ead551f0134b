"""A block is seen by n of the m witnesses who could have seen it."""

from datetime import UTC, datetime

import pytest
from django.urls import reverse

from ledger.models import Block, Witness, WitnessSignature
from ledger.queries.witnesses import Seen, coverage, with_seen_by, witnessed
from tests.trail import make_auditor

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 1, tzinfo=UTC)


@pytest.fixture
def witnesses() -> dict[str, Witness]:
    """Ten blocks; one witness is up to date, one far behind, one retired, one never signed."""
    blocks = {
        height: Block.objects.create(
            height=height, block_hash=bytes([height]) * 32, state_root=bytes(32), sealed_at=NOW
        )
        for height in range(11)
    }
    found = {}
    for n, (name, retired, signed) in enumerate(
        [("even", None, [3, 10]), ("slow", None, [4]), ("gone", 6, [6]), ("mute", None, [])]
    ):
        found[name] = Witness.objects.create(
            address=bytes([n + 1]) * 20, name=name, since_height=0, retired_height=retired
        )
        for height in signed:
            WitnessSignature.objects.create(
                witness=found[name], block=blocks[height], signature=bytes(65), received_at=NOW
            )
    return found


@pytest.mark.parametrize(
    ("height", "seen"),
    [(0, (3, 4)), (4, (3, 4)), (5, (2, 4)), (6, (2, 4)), (7, (1, 3)), (10, (1, 3)), (11, (0, 3))],
)
def test_a_signature_stands_for_every_block_before_it(witnesses, height, seen):
    assert coverage().of(height) == Seen(*seen)
    assert witnessed(height) == seen[0]


def test_the_count_beside_each_block_is_the_same(witnesses):
    counted = with_seen_by(Block.objects.all()).values_list("height", "seen_by")
    assert dict(counted) == {height: witnessed(height) for height in range(11)}


def test_without_witnesses_nobody_saw_anything(a_block):
    assert coverage().of(1) == Seen(0, 0)
    assert with_seen_by(Block.objects.all()).get().seen_by == 0


@pytest.fixture
def a_block() -> Block:
    return Block.objects.create(height=1, block_hash=bytes(32), state_root=bytes(32), sealed_at=NOW)


def test_the_admin_shows_how_far_each_witness_has_come(witnesses, client):
    client.force_login(make_auditor())
    page = client.get(reverse("admin:ledger_witness_changelist")).text
    behind = {
        name: page.split(f">{name}<")[1].split("field-behind")[1].split(">")[1].split("<")[0]
        for name in witnesses
    }
    assert behind == {"even": "0", "slow": "6", "gone": "0", "mute": "10"}
    assert (
        "witnesses who saw it" in client.get(reverse("admin:ledger_block_changelist")).text.lower()
    )
