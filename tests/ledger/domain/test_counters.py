from hypothesis import given
from hypothesis import strategies as st

from ledger.domain.counters import Counters

amounts = st.integers(0, (1 << 40) - 1)


@given(
    st.builds(
        Counters,
        issued=amounts,
        retired_renewable=amounts,
        retired_emissions=amounts,
        withdrawn_renewable=amounts,
        withdrawn_emissions=amounts,
        first_wh=st.integers(0, (1 << 54) - 1),
        mask=st.integers(0, 3),
    )
)
def test_the_slots_word_holds_every_counter_apart(counters):
    assert 0 <= counters.word < 1 << 256
    assert Counters.from_word(counters.word) == counters


@given(st.integers(0, (1 << 256) - 1))
def test_every_word_reads_and_writes_back(word):
    assert Counters.from_word(word).word == word
