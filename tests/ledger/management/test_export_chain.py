"""manage.py export_chain and import_chain: out as files, and back to the same head."""

import json
import shutil
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from ledger.chain.stored import reading

BLOCKS = 5


def run(*arguments: object) -> dict:
    out = StringIO()
    call_command(*map(str, arguments), "--json", stdout=out)
    return json.loads(out.getvalue())


@pytest.fixture
def exported(registry: Path, tmp_path: Path) -> Path:
    directory = tmp_path / "exported"
    run("export_chain", directory)
    return directory


def refusal(*arguments: object) -> str:
    with pytest.raises(CommandError) as refused:
        call_command(*map(str, arguments))
    assert refused.value.returncode == 2
    return str(refused.value)


def test_an_import_executes_to_the_same_head(registry, exported, tmp_path, settings):
    with reading() as engine:
        head = engine.head()
    report = run("import_chain", exported, "--into", tmp_path / "fresh")
    assert report["blocks"] == BLOCKS
    assert report["head"] == f"0x{head.hash.hex()}"
    assert report["state_root"] == f"0x{head.state_root.hex()}"
    assert sorted(path.name for path in (tmp_path / "fresh").iterdir()) == [
        "chain.sqlite3",
        "writer.lock",
    ]


def test_an_imported_store_exports_to_the_same_bytes(exported, tmp_path, settings):
    run("import_chain", exported, "--into", tmp_path / "fresh")
    settings.CHAIN_DIR = tmp_path / "fresh"
    again = tmp_path / "again"
    run("export_chain", again)
    for path in exported.iterdir():
        assert (again / path.name).read_bytes() == path.read_bytes()


def test_the_genesis_is_in_the_form_that_others_read(exported):
    stated = json.loads((exported / "genesis.json").read_text())
    assert (stated["config"]["chainId"], stated["config"]["pragueTime"]) == (202611, 0)
    assert len(stated["alloc"]) == 4


def test_nothing_is_written_over_an_export(exported):
    assert "exists" in refusal("export_chain", exported)


def test_a_chain_is_not_imported_over_another(registry, exported):
    assert "chain already" in refusal("import_chain", exported)


CUTS = {"chain.rlp": "cut off", "seals.jsonl": "lacks a line"}


@pytest.mark.parametrize("name", CUTS)
def test_a_cut_export_leaves_no_store(exported, tmp_path, name):
    path = exported / name
    path.write_bytes(path.read_bytes()[:-40])
    assert CUTS[name] in refusal("import_chain", exported, "--into", tmp_path / "fresh")
    assert [path.name for path in (tmp_path / "fresh").iterdir()] == ["writer.lock"]


def test_seals_without_blocks_are_refused(exported, tmp_path):
    with (exported / "seals.jsonl").open("a") as seals:
        seals.write('{"seal": "0x"}\n')
    assert "more seals" in refusal("import_chain", exported, "--into", tmp_path / "fresh")


def test_another_genesis_is_refused(exported, tmp_path):
    path = exported / "genesis.json"
    path.write_text(path.read_text().replace("0x10000000000", "0x20000000000"))
    assert "gasLimit" in refusal("import_chain", exported, "--into", tmp_path / "fresh")


def test_an_altered_block_is_refused_with_its_height(exported, tmp_path):
    path = exported / "chain.rlp"
    raw = bytearray(path.read_bytes())
    raw[-100] ^= 1
    path.write_bytes(raw)
    assert "Block 5 deviates" in refusal("import_chain", exported, "--into", tmp_path / "fresh")


def test_seals_by_other_keys_are_refused(registry, exported, tmp_path):
    shutil.copy(registry / "keys" / "admin.json", registry / "keys" / "sealer.json")
    assert "not known here" in refusal("import_chain", exported, "--into", tmp_path / "fresh")
