"""The chain for programs: bounded answers, blocks as they were sealed, signatures taken."""

import io
import json
from datetime import UTC, datetime

import pytest

from ledger.chain import open_chain
from ledger.chain.framing import SealedBlock, items
from ledger.chain.stored import reading
from ledger.chain.transcript import genesis_document, sealed_block
from ledger.models import Block, WitnessSignature
from ledger.services import witnesses
from ledger.services.settlement.recording import record_blocks
from ledger.views import chain as views
from tests.ledger.witness.keys import KEY, OTHER_KEY, address_of, signature_of

BLOCKS = 5
NOW = datetime(2026, 11, 1, tzinfo=UTC)
POST = "/chain/witness-signatures"


@pytest.fixture
def noted(registry, db):
    with open_chain(writable=False) as chain:
        record_blocks(chain)
    witnesses.register(address=address_of(KEY), name="Coventry", actor="test", now=NOW)
    return Block.objects.get(height=BLOCKS)


def body(block, **changes):
    facts = {
        "height": block.height,
        "block_hash": f"0x{bytes(block.block_hash).hex()}",
        "signature": f"0x{signature_of(block).hex()}",
    }
    return json.dumps(facts | changes)


def post(client, content):
    return client.post(POST, content, content_type="application/json")


def test_the_head_names_the_chain_and_its_last_block(client, registry):
    answer = client.get("/chain/head").json()
    with reading() as engine:
        head = engine.head()
    assert (answer["number"], answer["hash"]) == (BLOCKS, f"0x{head.hash.hex()}")
    assert answer["chain_id"] == 202611


def test_the_genesis_is_the_one_of_the_export(client, registry):
    assert client.get("/chain/genesis").json() == genesis_document(202611)


def received(answer):
    stream = io.BytesIO(answer.getvalue())
    return [SealedBlock.decode(item) for item in items(stream.read)]


def test_blocks_come_with_their_seals(client, registry):
    with reading() as engine:
        expected = [sealed_block(engine, number) for number in (2, 3, 4)]
    assert received(client.get("/chain/blocks/2/4")) == expected


def test_what_is_asked_beyond_the_head_ends_with_the_head(client, registry):
    assert len(received(client.get("/chain/blocks/4/99999999999999999999"))) == 2


@pytest.mark.parametrize(("name", "value", "count"), [("MOST_BLOCKS", 2, 2), ("MOST_BYTES", 1, 1)])
def test_an_answer_is_bounded(client, registry, monkeypatch, name, value, count):
    monkeypatch.setattr(views, name, value)
    assert len(received(client.get("/chain/blocks/1/5"))) == count


@pytest.mark.parametrize(("span", "status"), [("0/3", 400), ("3/2", 400), ("6/9", 404)])
def test_a_span_that_is_none_is_refused(client, registry, span, status):
    answer = client.get(f"/chain/blocks/{span}")
    assert answer.status_code == status
    assert answer["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize("path", ["head", "blocks/1/2"])
def test_before_the_first_block_there_is_nothing(client, data_dir, path):
    assert client.get(f"/chain/{path}").status_code == 404


def test_a_signature_is_created_once(client, noted):
    answers = [post(client, body(noted)).status_code for _ in range(2)]
    assert answers == [201, 200]
    assert WitnessSignature.objects.get().block == noted


REFUSED = {
    "another block": ({"block_hash": f"0x{'05' * 32}"}, 409),
    "an unknown height": ({"height": 77}, 404),
    "no point of the curve": ({"signature": f"0x{'11' * 64}00"}, 400),
    "no signature": ({"signature": f"0x{'ff' * 65}"}, 400),
    "a short signature": ({"signature": "0x11"}, 400),
    "a height in words": ({"height": "five"}, 400),
    "a height of true": ({"height": True}, 400),
    "a height without end": ({"height": 10**30}, 400),
    "too much": ({"more": "x" * 5_000}, 413),
}


@pytest.mark.parametrize("case", REFUSED)
def test_other_posts_are_refused(client, noted, case):
    changes, status = REFUSED[case]
    assert post(client, body(noted, **changes)).status_code == status
    assert not WitnessSignature.objects.exists()


def test_a_stranger_is_refused(client, noted):
    signature = signature_of(noted, key=OTHER_KEY)
    assert post(client, body(noted, signature=f"0x{signature.hex()}")).status_code == 403


@pytest.mark.parametrize("content", ["", "[]", "null", "[" * 4_000, "{", "\x00"])
def test_what_is_no_json_object_is_refused(client, noted, content):
    assert post(client, content).status_code == 400
