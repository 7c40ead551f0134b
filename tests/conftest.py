"""What every test may use. The fixtures live in tests/fixtures, one module per matter."""

from pathlib import Path
from typing import Any

import hypothesis
import pytest

# A slow machine is no failure; a found counter-example can be replayed from the log.
hypothesis.settings.register_profile("registry", deadline=None, print_blob=True)
hypothesis.settings.load_profile("registry")

pytest_plugins = ["tests.fixtures.browser", "tests.fixtures.database", "tests.fixtures.worker"]


@pytest.fixture
def data_dir(settings: Any, tmp_path: Path) -> Path:
    """An empty data directory: chain, keys and uploads of this test alone."""
    settings.DATA_DIR = tmp_path
    settings.CHAIN_DIR = tmp_path / "chain"
    settings.KEYSTORE_DIR = tmp_path / "keys"
    settings.MEDIA_ROOT = tmp_path / "uploads"
    return tmp_path


@pytest.fixture
def quick_keys(monkeypatch) -> None:
    """Keystores that open at once; the real ones are slow on purpose."""
    from eth_account import Account

    encrypt = Account.encrypt
    monkeypatch.setattr(
        Account,
        "encrypt",
        lambda key, password, iterations=None: encrypt(key, password, iterations=1),
    )
