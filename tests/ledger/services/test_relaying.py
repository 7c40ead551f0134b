"""What a holder signed is brought to the chain once, and refused before it is taken."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from django.core.management import CommandError, call_command

from ledger.chain import codec, signed_calls
from ledger.contracts.artefact import load_artefact
from ledger.domain.signed_acts import parse
from ledger.errors import ActRefused, TransactionRefused
from ledger.models import AuditEvent, Entry, OutboxItem, WaitingTransaction
from ledger.rpc.pool import close_pools
from ledger.services import waiting
from ledger.services.relaying import relay
from tests.ledger.chain.chains import CHAIN_ID, REGISTRY_ID, open_writer
from tests.ledger.services.self_custody import NOW, OTHER, OWN, SelfCustody, raw_address
from tests.ledger.services.signing import FAR, document

pytestmark = pytest.mark.django_db
A, B = raw_address(OWN), raw_address(OTHER)


@pytest.fixture
def world(tmp_path, settings):
    """500 Wh of the first lot at the holder's own address."""
    settings.CHAIN_ID, settings.REGISTRY_ID, settings.CHAIN_DIR = CHAIN_ID, REGISTRY_ID, tmp_path
    with open_writer(tmp_path) as chain:
        made = SelfCustody(chain)
        made.release(500)
        made.settle()
        yield made
    close_pools()


def written(world, kind="Transfer", wallet=OWN, **message):
    own = {"destination": B} if kind == "Transfer" else {"commitment": b"\xc0" * 32}
    stated = {"id": world.tokens[0].number, "amount": 100, "deadline": FAR} | own | message
    return document(wallet, world.chain._contracts.certificates, kind, **stated)


def bring(world, *args, **how):
    return relay(act=parse(written(world, *args, **how)), actor="test", now=NOW)


def test_each_call_is_a_function_of_the_contract():
    stated = {e["name"]: e["inputs"] for e in load_artefact()["Certificates"]["abi"] if "name" in e}
    for text in (signed_calls.TRANSFER_SIGNED, signed_calls.RETIRE_SIGNED):
        types = [each["type"] for each in stated[text[: text.index("(")]]]
        assert text[text.index("(") + 1 : -1].split(",") == types
        assert len(codec.selector(text)) == 4


def test_a_signed_transfer_is_in_the_next_block_and_in_the_book(world):
    row = bring(world)
    assert (row.status, bytes(row.acts_for), row.act_nonce) == ("waiting", A, 0)
    world.settle()
    row.refresh_from_db()
    assert (row.status, row.reason) == ("sealed", "")
    assert (world.on_chain(A), world.on_chain(B)) == (400, 100)
    assert world.held(world.own.account) == 400
    assert world.differences() == ()
    assert AuditEvent.objects.get(action="act.relayed").detail == {
        "signer": f"0x{A.hex()}",
        "nonce": 0,
    }


def test_a_signed_retirement_is_certified_like_any_other(world):
    bring(world, "Retirement")
    world.settle()
    retired = OutboxItem.objects.get(kind="settle")
    assert (retired.status, retired.renewable_wh, bytes(retired.digest)) == (
        "certified",
        0,
        b"\xc0" * 32,
    )
    assert world.held(world.own.account) == 400
    assert world.differences() == ()


def test_an_act_brought_twice_is_done_once(world):
    first = bring(world)
    assert bring(world) == first
    world.settle()
    again = bring(world)
    assert (again.pk, again.status) == (first.pk, "sealed")
    assert world.settle() == 0
    assert world.on_chain(B) == 100
    assert AuditEvent.objects.filter(action="act.relayed").count() == 1


@pytest.mark.parametrize(
    ("how", "reason"),
    [
        ({"amount": 501}, "balance"),
        ({"amount": 0}, "amount"),
        ({"nonce": 1}, "nonce"),
        ({"deadline": int(NOW.timestamp())}, "deadline"),
        ({"destination": bytes(20)}, "destination"),
        ({"source": B}, "not linked"),
        ({"wallet": OTHER, "source": A}, "signature"),
    ],
)
def test_what_the_contract_would_refuse_is_refused_before_it_is_taken(world, how, reason):
    with pytest.raises(ActRefused, match=reason):
        bring(world, **how)
    assert not WaitingTransaction.objects.exists()
    assert not AuditEvent.objects.filter(action="act.relayed").exists()


def test_an_act_that_is_late_by_now_is_refused_though_the_last_block_is_older(world):
    deadline = world.chain.head().timestamp + 100
    late = datetime.fromtimestamp(deadline, UTC)
    act = parse(written(world, deadline=deadline))
    with pytest.raises(ActRefused, match="deadline"):
        relay(act=act, actor="test", now=late)
    assert relay(act=act, actor="test", now=late - timedelta(seconds=1)).status == "waiting"


def test_an_act_of_which_a_word_was_changed_is_refused(world):
    changed = written(world)
    changed["message"]["amount"] = 101
    with pytest.raises(ActRefused, match="signature"):
        relay(act=parse(changed), actor="test", now=NOW)


def test_two_acts_do_not_wait_for_one_nonce(world):
    bring(world)
    with pytest.raises(TransactionRefused, match="nonce 0 waits already"):
        bring(world, amount=50)
    world.settle()
    assert bring(world, amount=50, nonce=1).status == "waiting"


def test_an_act_that_was_overtaken_spends_no_nonce_of_its_holders(world):
    row = bring(world, amount=500)
    world.move(OWN, B, 1)  # sent by the holder, and taken after it
    WaitingTransaction.objects.filter(pk=row.pk).update(status="dropped")
    world.settle()
    WaitingTransaction.objects.filter(pk=row.pk).update(status="waiting")
    world.settle()
    row.refresh_from_db()
    assert (row.status, row.reason) == ("sealed", "balance")
    assert bring(world, amount=499).status == "waiting"
    world.settle()
    assert (world.on_chain(A), world.on_chain(B)) == (0, 500)
    assert world.differences() == ()


def test_an_act_never_overtakes_what_the_registry_prepared(world):
    bring(world)
    assert waiting.ready(chain=world.chain, holders=False) == []
    assert len(waiting.ready(chain=world.chain)) == 1


def test_acts_are_brought_to_this_registrys_own_chain_only(world, settings):
    settings.CHAIN_ADAPTER = "memory"
    with pytest.raises(ActRefused, match="own chain only"):
        bring(world)


def test_the_command_brings_a_file_and_says_what_became_of_it(world, tmp_path, capsys):
    file = tmp_path / "act.json"
    file.write_text(json.dumps(written(world)))
    call_command("relay_act", str(file))
    assert "waits for the next block" in capsys.readouterr().out
    world.settle()
    call_command("relay_act", str(file), "--json")
    said = json.loads(capsys.readouterr().out)
    assert (said["status"], said["reason"]) == ("sealed", "")
    assert said["block"] == world.chain.head().number
    assert Entry.objects.filter(kind="transfer").count() == 1


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"{", "is no JSON"),
        (b"[" * 50_000, "is no JSON"),
        (b" " * 70_000, "larger than 65,536 bytes"),
        (b"\xff", "is no JSON"),
        (b"{}", "primaryType, message and signature"),
        (None, "cannot be read"),
    ],
)
def test_a_file_that_is_no_act_is_refused_in_words(tmp_path, content, said):
    file = tmp_path / "act.json"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(CommandError, match=said) as refused:
        call_command("relay_act", str(file))
    assert refused.value.returncode == 2
