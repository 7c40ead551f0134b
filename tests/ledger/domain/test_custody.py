from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from ledger.domain.custody import custody_address

numbers = st.integers(0, (1 << 256) - 1)


def test_a_known_account_has_its_known_address():
    account = UUID("00000000-0000-4000-8000-000000000001")
    assert custody_address(202611, 1, account).hex() == "5fde76135e3e8305e9879f1894a5d6b156385328"


@given(numbers, numbers, st.uuids(), st.uuids())
def test_different_accounts_registries_and_chains_never_share_an_address(chain, registry, a, b):
    address = custody_address(chain, registry, a)
    assert len(address) == 20
    assert (custody_address(chain, registry, b) == address) == (a == b)
    assert custody_address(chain ^ 1, registry, a) != address
    assert custody_address(chain, registry ^ 1, a) != address
