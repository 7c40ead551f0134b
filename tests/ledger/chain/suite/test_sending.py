"""Sequences, nonces and blocks: nothing is executed twice."""

from collections.abc import Callable

import pytest

from ledger.chain.port import TRANSACTION_BYTES, Chain, Outcome
from ledger.domain.calls import Issue, LotIssue, Split
from ledger.errors import ChainMissing, ChainRejected
from tests.ledger.chain.chains import ALICE, Clock, issue, retire, settle, token

Send = Callable[..., list[Outcome]]


def test_sequences_start_at_one_and_nonces_after_the_two_creations(chain: Chain) -> None:
    assert chain.next_sequence() == 1
    assert chain.next_nonce() == 2


def test_the_same_call_is_prepared_to_the_same_bytes(chain: Chain) -> None:
    first, again = chain.prepare(1, 2, issue()), chain.prepare(1, 2, issue())
    assert first == again
    assert chain.prepare(1, 3, issue()).hash != first.hash
    assert chain.prepare(2, 2, issue()).hash != first.hash


def test_many_calls_share_one_block(chain: Chain, send: Send) -> None:
    block = chain.head().number + 1
    outcomes = send(*(issue(60 * hour) for hour in range(5)))
    assert {outcome.block_number for outcome in outcomes} == {block}
    assert chain.head().number == block
    assert chain.block(block).transactions == tuple(outcome.hash for outcome in outcomes)
    assert (chain.next_sequence(), chain.next_nonce()) == (6, 7)


def test_what_is_in_the_chain_is_answered_and_not_executed_again(
    chain: Chain, clock: Clock
) -> None:
    raw = chain.prepare(1, 2, issue()).raw
    (first,) = chain.submit([raw], clock())
    (again,) = chain.submit([raw], clock())
    assert first == again
    assert chain.head().number == first.block_number
    assert chain.balance(ALICE, token()) == 600


def test_a_resent_batch_and_a_new_one_make_one_block_for_the_new(
    chain: Chain, clock: Clock
) -> None:
    old, new = chain.prepare(1, 2, issue()), chain.prepare(2, 3, issue(60))
    block = chain.head().number + 1
    chain.submit([old.raw], clock())
    outcomes = chain.submit([old.raw, new.raw], clock())
    assert [outcome.block_number for outcome in outcomes] == [block, block + 1]
    assert chain.block(block + 1).transactions == (new.hash,)


def test_one_batch_sent_twice_at_once_is_executed_once(chain: Chain, clock: Clock) -> None:
    raw = chain.prepare(1, 2, issue()).raw
    first, again = chain.submit([raw, raw], clock())
    assert first == again
    assert chain.block(first.block_number).transactions == (first.hash,)


def test_an_outcome_is_known_once_a_block_holds_it(chain: Chain, clock: Clock) -> None:
    prepared = chain.prepare(1, 2, issue())
    assert chain.outcome(prepared.hash) is None
    (outcome,) = chain.submit([prepared.raw], clock())
    assert chain.outcome(prepared.hash) == outcome


def test_a_reverted_call_spends_its_nonce_and_not_its_sequence(
    chain: Chain, send: Send, clock: Clock
) -> None:
    (bad,) = send(settle(retire(ALICE, token(), 1)))
    assert (bad.success, bad.reason) == (False, "balance")
    assert (chain.next_sequence(), chain.next_nonce()) == (1, 3)
    assert chain.outcome(bad.hash) == bad
    (good,) = chain.submit([chain.prepare(1, 3, issue()).raw], clock())
    assert good.success


def test_after_a_revert_the_rest_of_the_block_is_out_of_sequence(chain: Chain, send: Send) -> None:
    outcomes = send(issue(), settle(retire(ALICE, token(60), 1)), issue(60))
    assert [outcome.reason for outcome in outcomes] == ["", "balance", "sequence"]
    assert chain.next_sequence() == 2


@pytest.mark.parametrize("sequence", [0, 2, 99])
def test_another_sequence_than_the_next_is_refused(
    chain: Chain, clock: Clock, sequence: int
) -> None:
    (outcome,) = chain.submit([chain.prepare(sequence, 2, issue()).raw], clock())
    assert (outcome.success, outcome.reason) == (False, "sequence")


@pytest.mark.parametrize("nonce", [0, 1, 3])
def test_a_nonce_out_of_turn_seals_no_block(chain: Chain, clock: Clock, nonce: int) -> None:
    before = chain.head()
    with pytest.raises(ChainRejected, match="nonce"):
        chain.submit([chain.prepare(1, nonce, issue()).raw], clock())
    assert chain.head() == before


def test_bytes_that_are_no_transaction_are_refused(chain: Chain, clock: Clock) -> None:
    with pytest.raises(ChainRejected):
        chain.submit([b"no transaction"], clock())


def test_nothing_to_send_seals_no_block(chain: Chain, clock: Clock) -> None:
    before = chain.head()
    assert chain.submit([], clock()) == []
    assert chain.head() == before


def test_a_call_too_large_for_a_transaction_is_not_signed(chain: Chain) -> None:
    splits = tuple(Split(0, ALICE, 1) for _ in range(TRANSACTION_BYTES // 96))
    with pytest.raises(ChainRejected, match="Split it"):
        chain.prepare(1, 2, Issue((LotIssue(token(), len(splits)),), splits, bytes(32)))


def test_a_block_that_is_not_there_is_a_typed_error(chain: Chain) -> None:
    absent = chain.head().number + 7
    with pytest.raises(ChainMissing, match=f"block {absent}"):
        chain.block(absent)
