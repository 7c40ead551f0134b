"""manage.py move_registry: four steps from one chain to another, each with a plain answer."""

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from ledger.chain import open_chain
from ledger.domain.calls import Transfer, TransferMove
from tests.ledger.chain.chains import Clock
from tests.ledger.services.moving.conftest import closed, new_settings, old

__all__ = ["closed", "new_settings", "old"]  # fixtures
pytestmark = pytest.mark.django_db


def run(*arguments: object) -> str:
    out = StringIO()
    call_command("move_registry", *map(str, arguments), stdout=out)
    return out.getvalue()


def test_a_registry_is_moved_step_by_step(old, tmp_path, new_settings):
    old.pause()
    old.chain.close()
    bundle = tmp_path / "bundle"
    stated = json.loads(run("close", bundle, "--json"))
    assert stated["block"] == json.loads((bundle / "closing.json").read_text())["height"]
    assert "lots that somebody holds and 1 fillers" in run("plan", bundle)
    new_settings()
    assert "calls are in the new chain" in run("carry", bundle)
    assert "holds what the old one held" in run("check", bundle)
    assert json.loads(run("carry", bundle, "--json"))["calls"] > 0


def test_what_differs_is_listed_and_ends_with_code_1(old, closed, new_settings):
    new_settings()
    run("carry", closed)
    with open_chain(writable=True) as chain:
        move = TransferMove(old.other.uuid, old.holder.uuid, old.tokens[0].number, 1)
        raw = chain.prepare(chain.next_sequence(), chain.next_nonce(), Transfer((move,))).raw
        chain.submit([raw], Clock()())
    with pytest.raises(CommandError, match="differs") as caught:
        run("check", closed)
    assert caught.value.returncode == 1


def test_a_bundle_that_is_not_there_ends_with_code_2(tmp_path):
    with pytest.raises(CommandError, match="cannot be read") as caught:
        run("plan", tmp_path / "nothing")
    assert caught.value.returncode == 2


def test_a_step_that_is_none_is_refused(tmp_path):
    with pytest.raises(CommandError, match="invalid choice"):
        run("jump", tmp_path)
