"""The new chain holds what the old one held, however often the work was interrupted."""

from dataclasses import replace

import pytest

from ledger.chain import open_chain
from ledger.chain.codec import call_data
from ledger.chain.keys import ADMIN
from ledger.domain.calls import Settle, SettleEntry
from ledger.domain.token_id import EMISSIONS, RENEWABLE, lot_of
from ledger.errors import MoveRefused
from ledger.services.moving import carrying
from ledger.services.moving.bundle import Bundle, read_bundle
from ledger.services.moving.carrying import NOTE, carry, differences, plan_of
from tests.ledger.chain.chains import CHAIN_ID, Clock, open_reader
from tests.ledger.chain.foreign import networks
from tests.ledger.services.moving.conftest import holdings, quiet
from tests.ledger.services.self_custody import OWN, raw_address

pytestmark = pytest.mark.django_db


class KilledError(Exception):
    """The process ended here."""


def carried(chain, bundle) -> int:
    return carry(chain, bundle, clock=Clock(), wait=lambda: None, progress=quiet)


def test_every_holding_number_and_counter_is_as_it_was(old, closed, new_settings):
    bundle, token = read_bundle(closed), old.tokens[0]
    new_settings()
    with open_chain(writable=True) as chain, open_reader(old.directory) as before:
        assert carried(chain, bundle) == plan_of(bundle).total
        assert differences(chain, bundle) == []
        assert holdings(chain, old) == holdings(before, old)
        assert sum(holdings(chain, old)) == 1_000 - 7 - 40 - 20
        assert chain.counters(token.lot) == before.counters(token.lot)
        assert chain.odometer(token.device) == before.odometer(token.device)


def test_the_next_retirement_takes_the_numbers_behind_the_old_ones(old, closed, new_settings):
    bundle = read_bundle(closed)
    new_settings()
    with open_chain(writable=True) as chain:
        done = carried(chain, bundle)
        token = old.tokens[0].number
        counters = chain.counters(lot_of(token))
        call = Settle((SettleEntry(old.other.uuid, token, 5, ((5, b"\x01" * 32),)),))
        raw = chain.prepare(done + 1, chain.next_nonce(), call).raw
        (outcome,) = chain.submit([raw], Clock()())
        assert counters.retired_renewable == 60
        assert outcome.facts[0].from_renewable == counters.first_wh + 60


@pytest.mark.parametrize("is_sent", [False, True])
def test_after_a_crash_before_or_behind_any_block_it_goes_on(
    closed, new_settings, monkeypatch, is_sent
):
    monkeypatch.setattr(carrying, "ROUND", 1)
    bundle = read_bundle(closed)
    total = plan_of(bundle).total
    new_settings()
    starts = 0
    while starts <= total:
        starts += 1
        try:
            with open_chain(writable=True) as chain:
                monkeypatch.setattr(chain, "submit", dying(chain.submit, is_sent=is_sent))
                carried(chain, bundle)
            break
        except KilledError:
            continue
    assert starts > total // 2
    with open_chain(writable=False) as chain:
        assert chain.next_sequence() == total + 1
        assert differences(chain, bundle) == []


def dying(submit, *, is_sent: bool):
    """One round that goes through, then one in which the process ends."""
    turns = []

    def send(raws, now):
        turns.append(raws)
        if len(turns) == 1:
            return submit(raws, now)
        if is_sent:
            submit(raws, now)
        raise KilledError

    return send


def test_parted_attributes_wait_for_the_admin_s_consent(closed, new_settings):
    stated = read_bundle(closed)
    (place, amount), *rest = sorted(stated.state.holdings.items(), key=str)
    holder, token = place
    parted = {(holder, token ^ EMISSIONS): amount, (holder, token ^ RENEWABLE): amount}
    bundle = Bundle(stated.closing, replace(stated.state, holdings=dict(rest) | parted))
    assert plan_of(bundle).must_unbundle
    new_settings()
    with open_chain(writable=True) as chain:
        with pytest.raises(MoveRefused, match="allowUnbundling"):
            carried(chain, bundle)
        admin = chain._writer.keys.address(ADMIN)
        raw = chain._engine.sign(
            private_key=chain._writer.keys.unlock(ADMIN),
            nonce=chain.nonce_of(admin),
            to=chain._contracts.certificates,
            data=call_data("allowUnbundling(bool)", True),
        )
        chain.submit([raw], Clock()())
        carried(chain, bundle)
        assert differences(chain, bundle) == []


def test_carrying_twice_changes_nothing(closed, new_settings):
    bundle = read_bundle(closed)
    new_settings()
    with open_chain(writable=True) as chain:
        carried(chain, bundle)
        head = chain.head()
        carried(chain, bundle)
        assert chain.head() == head


def test_the_closed_chain_itself_and_its_number_are_no_target(closed):
    bundle = read_bundle(closed)
    with open_chain(writable=True) as chain, pytest.raises(MoveRefused, match="CHAIN_ID"):
        carried(chain, bundle)


def test_another_registry_is_no_target(closed, new_settings, settings):
    bundle = read_bundle(closed)
    new_settings()
    settings.REGISTRY_ID = 9
    with open_chain(writable=True) as chain, pytest.raises(MoveRefused, match="REGISTRY_ID"):
        carried(chain, bundle)


def test_a_chain_that_is_in_use_is_no_target(closed, new_settings, settings):
    bundle = read_bundle(closed)
    new_settings()
    with open_chain(writable=True) as chain:
        carried(chain, bundle)
        (settings.CHAIN_DIR / NOTE).unlink()
        with pytest.raises(MoveRefused, match="no move noted"):
            carried(chain, bundle)
        assert differences(chain, bundle) == []  # which anybody may ask, with the bundle alone
        (settings.CHAIN_DIR / NOTE).write_text("{")
        with pytest.raises(MoveRefused, match="another move"):
            carried(chain, bundle)


def test_a_move_that_was_begun_with_other_files_does_not_go_on(closed, new_settings):
    bundle = read_bundle(closed)
    new_settings()
    with open_chain(writable=True) as chain:
        carried(chain, bundle)
        another = Bundle(replace(bundle.closing, height=1), bundle.state)
        with pytest.raises(MoveRefused, match="another move"):
            carried(chain, another)


def test_nothing_is_compared_before_all_is_done(closed, new_settings):
    bundle = read_bundle(closed)
    new_settings()
    with open_chain(writable=True) as chain, pytest.raises(MoveRefused, match="0 of"):
        differences(chain, bundle)


def test_an_act_on_the_new_chain_that_is_not_the_move_s_is_found(old, closed, new_settings):
    bundle = read_bundle(closed)
    new_settings()
    with open_chain(writable=True) as chain:
        done = carried(chain, bundle)
        call = Settle((SettleEntry(old.other.uuid, old.tokens[0].number, 5, ((5, b"\x01" * 32),)),))
        chain.submit([chain.prepare(done + 1, chain.next_nonce(), call).raw], Clock()())
        found = [each.what for each in differences(chain, bundle)]
    assert len(found) == 2
    assert any(str(old.other.uuid) in what for what in found)


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=pytest.mark.once) for name in networks.FOR_THE_SUITE]
)
def test_a_network_of_others_is_carried_to(old, closed, settings, tmp_path, name):
    stated = read_bundle(closed)
    bundle = Bundle(replace(stated.closing, chain_id=1), stated.state)
    settings.CHAIN_ID, settings.CHAIN_DIR = CHAIN_ID, tmp_path / "network"
    node = networks.node_named(name)
    looks = []

    def mined() -> None:
        looks.append(node.mine())

    with networks.found(node, tmp_path / "network") as chain:
        total = carry(chain, bundle, clock=Clock(), wait=mined, progress=quiet)
        assert chain.next_sequence() == total + 1
        assert differences(chain, bundle) == []
        assert chain.balance(raw_address(OWN), old.tokens[0].number) == 130
    assert looks
