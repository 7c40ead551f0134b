"""What anyone may look up, once it is certified."""

import pytest

from certificates.services.holding.agreements import agree
from ledger.models import Batch, Block, Witness, WitnessSignature
from ledger.signals import batch_certified

HEIGHT = 12


@pytest.fixture
def certified(device, company, produce, now, send):
    """600, 700 and 800 kWh, certified in this order."""
    agree(device=device, to=company, share_ppm=100_000, now=now)
    lots = produce("600", "700", "800")
    firsts = dict(zip(lots, (0, 600_000, 1_300_000), strict=True))
    batch = send(
        *(lot.entry_id for lot in lots),
        numbers={lot.entry_id: (first, first) for lot, first in firsts.items()},
    )
    batch.kind = Batch.Kind.ISSUE
    batch.block = Block.objects.create(
        height=HEIGHT, block_hash=bytes(32), state_root=bytes(32), sealed_at=now
    )
    batch.save()
    batch_certified.send(sender=None, batch_id=batch.pk)
    return device


def test_a_certificate_shows_its_hours_and_holders(client, certified, company):
    page = client.get(f"/certificates/{certified.gsrn}/1/").text
    assert "The megawatt-hour is whole" in page
    assert "300,000" in page
    assert company.name in page
    assert "No. 2" in page


def test_the_last_certificate_says_that_it_is_not_whole(client, certified):
    page = client.get(f"/certificates/{certified.gsrn}/2/").text
    assert "100,000 of 1,000,000 Wh are certified so far" in page
    assert 'rel="next"' not in page


def test_a_number_that_does_not_exist_names_those_that_do(client, certified):
    page = client.get(f"/certificates/{certified.gsrn}/3/")
    assert page.status_code == 404
    assert f"/certificates/{certified.gsrn}/2/" in page.text


def test_the_look_up_finds_certificate_plant_and_block(client, certified):
    for query, path in (
        (f"{certified.gsrn}/1", f"/certificates/{certified.gsrn}/1/"),
        (certified.gsrn, f"/plants/{certified.gsrn}/"),
        (f"block {HEIGHT}", f"/blocks/{HEIGHT}/"),
    ):
        assert client.get("/look-up/", {"q": query})["Location"] == path


def test_a_block_says_what_is_in_it(client, certified):
    page = client.get(f"/blocks/{HEIGHT}/").text
    assert "Issuance" in page
    assert "0x" in page


def test_a_block_says_how_many_witnesses_have_seen_it(client, certified, now):
    assert "no independent witness so far" in client.get(f"/blocks/{HEIGHT}/").text
    witness = Witness.objects.create(address=bytes(20), name="Coventry", since_height=0)
    later = Block.objects.create(
        height=HEIGHT + 1, block_hash=b"\1" * 32, state_root=bytes(32), sealed_at=now
    )
    WitnessSignature.objects.create(
        witness=witness, block=later, signature=bytes(65), received_at=now
    )
    assert "1 independent witness," in client.get(f"/blocks/{HEIGHT}/").text


def test_a_plant_that_was_never_approved_is_nobodys_business(client, device):
    type(device).objects.filter(pk=device.pk).update(status="draft")
    assert client.get(f"/plants/{device.gsrn}/").status_code == 404


def test_a_wallet_learns_what_an_asset_is_and_its_six_decimals(client, certified):
    lot = certified.lots.order_by("starts_at").first()
    code = lot.assets.get().asset.code
    answer = client.get(f"/assets/{code:0>64}.json").json()
    assert answer["decimals"] == 6
    assert answer["name"].startswith(f"{certified.name}, {lot.starts_at:%Y-%m-%dT%H:%MZ}")
    assert answer["properties"]["gsrn"] == certified.gsrn


def test_a_number_that_is_no_asset_is_not_found(client, certified):
    assert client.get(f"/assets/{'f' * 64}.json").status_code == 404
