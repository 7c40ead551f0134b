"""What went wrong in other registries' arithmetic, trees and matching. Each test is one bug."""

import json
import random
import time
from pathlib import Path

import pytest
from django.apps import apps
from django.db import models
from hypothesis import example, given
from hypothesis import strategies as st

from certificates.domain.geography import great_circle_km
from certificates.domain.sharing import shares
from charging.domain.matching import Demand, Supply, match_interval
from charging.domain.split import apportion
from ledger.domain.commitment import commit, fields_root
from ledger.domain.lot_data import data_leaf
from ledger.domain.merkle import merkle_root
from ledger.domain.sum_tree import build

HASHES = st.lists(st.binary(min_size=32, max_size=32), min_size=1, max_size=9)
OUR_APPS = ("ledger", "certificates", "charging")


@pytest.mark.parametrize("value", ["0", "", "null"])
def test_a_fact_that_is_nothing_is_still_part_of_the_proof(value):
    """Values of 0, "" and null were dropped before hashing: {id, volume: 0} proved {id}."""
    assert data_leaf({"id": "1", "volume": value}) != data_leaf({"id": "1"})
    key = bytes(32)
    with_it = fields_root({"id": "1", "volume": value}, key, "r")
    assert with_it != fields_root({"id": "1"}, key, "r")


def test_a_small_value_cannot_be_guessed_from_its_commitment():
    """Leaves had no salt: whoever tried all small volumes found the one that was meant."""
    root = fields_root({"volume": "3"}, bytes(32), "r")
    assert fields_root({"volume": "3"}, b"\x01" * 32, "r") != root
    assert commit(root, "i", bytes(32)) != commit(root, "i", b"\x01" * 32)


@given(HASHES)
def test_a_list_and_the_same_with_its_last_again_have_different_roots(hashes):
    """An odd last leaf was doubled, so that two lists had one root."""
    assert merkle_root(hashes) != merkle_root([*hashes, hashes[-1]])


@given(HASHES.filter(lambda hashes: len(hashes) > 1))
def test_a_node_cannot_be_passed_off_as_a_leaf(hashes):
    """Leaves and nodes were hashed alike: an inner node proved a leaf that never was."""
    tree = build(3, [(1, digest) for digest in hashes])
    for sums, nodes in tree.levels[1:]:
        for wh, node in zip(sums, nodes, strict=True):
            assert build(3, [(wh, node)]).root != tree.root


@given(st.integers(1, 10**12), st.lists(st.integers(1, 250_000), max_size=4))
def test_shares_of_a_lot_add_up_to_the_lot(amount_wh, ppms):
    """A worked table gave 0.8 + 0.3 MWh of 1.5 MWh: the rest was lost."""
    assert sum(shares(amount_wh, list(enumerate(ppms)), owner=99).values()) == amount_wh


@given(st.integers(0, 10**12), st.lists(st.fractions(0, 100), min_size=1, max_size=24))
def test_hours_of_a_charge_add_up_to_the_charge(amount_wh, weights):
    """Rounding each hour by itself lost or made up energy."""
    if any(weights):
        assert sum(apportion(amount_wh, weights)) == amount_wh


def demands(count):
    return [Demand(f"charge-{n:05}", 1_000 + n) for n in range(count)]


def supplies(count):
    return [Supply(f"{n:040x}", 900, renewable=n % 5 > 0) for n in range(count)]


def test_two_runs_match_alike_whatever_the_order():
    """Claims followed a random shuffle: two runs, two results."""
    asked, held = demands(40), supplies(30)
    first = match_interval(asked, held)
    for seed in range(5):
        draw = random.Random(seed)
        again = match_interval(draw.sample(asked, 40), draw.sample(held, 30))
        assert again == first


@pytest.mark.slow
def test_matching_ends_however_many_want_something():
    """A matcher gave up after 10,000 rounds, and took 306 s for what is an hour of a city."""
    began = time.process_time()
    found = match_interval(demands(12_000), supplies(2_000))
    assert sum(share.amount_wh for share in found) == 2_000 * 900
    assert time.process_time() - began < 30


@example(41.2672, 3.1212)  # where the usual formula does come to more than 1
@given(st.floats(41, 51.5), st.floats(-5, 10))
def test_a_place_lies_no_distance_from_itself(latitude, longitude):
    """acos(1.0000000000000002) raised for one of forty places in France."""
    assert great_circle_km(latitude, longitude, latitude, longitude) == 0


def test_nothing_that_is_counted_is_a_float():
    """Energy was kept in floating point: 130 such fields in one national system."""
    kept = [
        f"{model.__name__}.{field.name}"
        for app in OUR_APPS
        for model in apps.get_app_config(app).get_models()
        for field in model._meta.get_fields()
        if isinstance(field, models.FloatField)
    ]
    assert kept == []


def test_nothing_that_is_counted_goes_over_the_wire_as_a_float():
    """Not over the API either: Wh, W and micrograms are whole there, or text."""
    document = json.loads((Path(__file__).parents[2] / "docs/openapi.json").read_text())
    floating = [
        f"{schema}.{name}"
        for schema, described in document["components"]["schemas"].items()
        for name, kind in described.get("properties", {}).items()
        if kind.get("type") == "number" and "km" not in name
    ]
    assert floating == []
