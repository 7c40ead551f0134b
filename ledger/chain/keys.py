"""Signing keys in keystore files (Web3 Secret Storage), unlocked by one passphrase."""

import json
import re
from collections.abc import Callable
from pathlib import Path

from ledger.errors import KeyUnavailable
from ledger.small_files import write_once

OPERATOR, SEALER, PAUSER, ADMIN = "operator", "sealer", "pauser", "admin"
ROLES = (OPERATOR, SEALER, PAUSER, ADMIN)
REGISTRY = "registry"  # signs statements; it has no part in the chain


class KeyRing:
    """The keys of one registry, a file per role.

    The operator signs issuance, transfers and settlement; the sealer signs blocks. The
    admin is meant to be cold: its file may hold the address alone.
    """

    def __init__(
        self,
        directory: Path,
        *,
        passphrase: Callable[[], str],
        create: bool,
        iterations: int | None = None,
    ) -> None:
        """`create` draws a missing key (demo only); `iterations` is for quick tests."""
        self._directory = directory
        self._passphrase = passphrase
        self._create = create
        self._iterations = iterations
        self._unlocked: dict[str, bytes] = {}

    def address(self, role: str) -> bytes:
        """The 20 bytes of a role's address, without unlocking it. Raises: KeyUnavailable."""
        return _address_in(self._file(role))

    def sealers(self) -> set[bytes]:
        """Addresses that may have sealed: `sealer.json` and retired keys (`sealer-*.json`)."""
        if not self._directory.is_dir():
            return set()
        names = re.compile(r"sealer(-.*)?\.json")
        return {_address_in(path) for path in self._directory.iterdir() if names.match(path.name)}

    def unlock(self, role: str) -> bytes:
        """The role's private key, 32 bytes, kept in memory afterwards. Raises: KeyUnavailable."""
        if role not in self._unlocked:
            from eth_account import Account

            path = self._file(role)
            try:
                key = bytes(Account.decrypt(json.loads(path.read_text()), self._passphrase()))
            except (ValueError, KeyError, TypeError) as error:
                raise KeyUnavailable(
                    f"CHAIN_PASSPHRASE does not open the {role} key in {path.name}."
                ) from error
            self._unlocked[role] = key
        return self._unlocked[role]

    def _file(self, role: str) -> Path:
        path = self._directory / f"{role}.json"
        if not path.exists():
            if not self._create:
                raise KeyUnavailable(
                    f"There is no {role} key: put its keystore file at {path.name} in the "
                    f"registry's directory of keys."
                )
            self._draw(role, path)
        return path

    def _draw(self, role: str, path: Path) -> None:
        from eth_account import Account

        key = Account.create().key
        stored = Account.encrypt(key, self._passphrase(), iterations=self._iterations)
        if write_once(path, json.dumps(stored)):
            self._unlocked[role] = bytes(key)


def _address_in(path: Path) -> bytes:
    try:
        return bytes.fromhex(json.loads(path.read_text())["address"].removeprefix("0x"))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise KeyUnavailable(f"{path.name} is not a keystore file.") from error
