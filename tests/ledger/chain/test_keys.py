"""Keystores: drawn once where that is allowed, opened only by the passphrase."""

import json
import stat
from pathlib import Path

import pytest
from eth_keys.datatypes import PrivateKey

from ledger.chain.keys import ADMIN, OPERATOR, ROLES, SEALER
from ledger.errors import KeyUnavailable
from tests.ledger.chain.chains import key_ring


def test_each_role_has_a_key_of_its_own_that_stays(tmp_path: Path) -> None:
    addresses = {role: key_ring(tmp_path).address(role) for role in ROLES}
    assert len(set(addresses.values())) == len(ROLES)
    assert {role: key_ring(tmp_path).address(role) for role in ROLES} == addresses


def test_the_unlocked_key_is_the_one_of_the_address(tmp_path: Path) -> None:
    address = key_ring(tmp_path).address(SEALER)
    key = key_ring(tmp_path).unlock(SEALER)
    assert PrivateKey(key).public_key.to_canonical_address() == address


def test_a_keystore_is_readable_by_its_owner_alone_and_holds_no_clear_key(tmp_path: Path) -> None:
    key = key_ring(tmp_path).unlock(OPERATOR)
    path = tmp_path / "keys" / "operator.json"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert key.hex() not in path.read_text()
    assert [each.name for each in path.parent.iterdir()] == ["operator.json"]


def test_another_passphrase_opens_nothing(tmp_path: Path) -> None:
    key_ring(tmp_path).unlock(OPERATOR)
    with pytest.raises(KeyUnavailable, match="CHAIN_PASSPHRASE"):
        key_ring(tmp_path, passphrase="wrong").unlock(OPERATOR)


def test_outside_the_demo_a_missing_key_is_not_drawn(tmp_path: Path) -> None:
    with pytest.raises(KeyUnavailable, match=r"operator\.json"):
        key_ring(tmp_path, create=False).unlock(OPERATOR)
    assert not (tmp_path / "keys").exists()


def test_a_cold_key_gives_its_address_alone(tmp_path: Path) -> None:
    (tmp_path / "keys").mkdir()
    (tmp_path / "keys" / "admin.json").write_text(json.dumps({"address": "0x" + "ab" * 20}))
    keys = key_ring(tmp_path, create=False)
    assert keys.address(ADMIN) == b"\xab" * 20
    with pytest.raises(KeyUnavailable):
        keys.unlock(ADMIN)


def test_retired_sealers_stay_known(tmp_path: Path) -> None:
    old = key_ring(tmp_path).address(SEALER)
    (tmp_path / "keys" / "sealer.json").rename(tmp_path / "keys" / "sealer-1.json")
    new = key_ring(tmp_path).address(SEALER)
    assert key_ring(tmp_path).sealers() == {old, new}


def test_a_file_that_is_no_keystore_is_named(tmp_path: Path) -> None:
    (tmp_path / "keys").mkdir()
    (tmp_path / "keys" / "sealer.json").write_text("[]")
    with pytest.raises(KeyUnavailable, match=r"sealer\.json"):
        key_ring(tmp_path).address(SEALER)
