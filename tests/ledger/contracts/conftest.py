import pytest

from tests.ledger.contracts.evm import start


@pytest.fixture
def evm():
    """A fresh state with the contracts deployed."""
    return start()
