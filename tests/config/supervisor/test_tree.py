"""The process tree, with real processes."""

import os
import signal

import pytest

from tests.config.supervisor.conftest import PATIENCE_S, is_alive, wait_for

pytestmark = pytest.mark.once

EVERYONE = {"first", "second", "third", "grandchild", "errand"}


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_stops_everyone_in_the_opposite_order_of_the_start(plant, number):
    forest = plant("plain")
    forest.wait_for_line("errand done")
    forest.process.send_signal(number)
    assert forest.process.wait(timeout=PATIENCE_S) == 0
    assert forest.stopped() == ["third", "second", "first"]
    assert set(forest.pids()) == EVERYONE
    assert not any(is_alive(pid) for pid in forest.pids().values())


def test_a_parent_killed_outright_leaves_no_orphan_not_even_grandchildren(plant):
    forest = plant("plain")
    forest.wait_for_line("errand done")
    pids = forest.pids()
    assert is_alive(pids["grandchild"])
    forest.process.kill()
    wait_for(lambda: not any(is_alive(pid) for pid in pids.values()), "the tree to be gone")


def test_one_that_does_not_listen_is_killed_and_the_rest_still_stops_in_order(plant):
    forest = plant("deaf")
    forest.wait_for_line("errand done")
    forest.process.terminate()
    assert forest.process.wait(timeout=PATIENCE_S) == 0
    assert forest.stopped() == ["second", "first"]
    assert not is_alive(forest.pids()["second"])


def test_one_that_dies_is_said_and_started_again_after_a_growing_pause(plant):
    forest = plant("dying")
    forest.wait_for_line("first ended with exit code 3; it starts again in 1 s.")
    forest.wait_for_line("first ended with exit code 3; it starts again in 2 s.")
    assert is_alive(forest.pids()["second"])


def test_one_killed_from_outside_is_told_with_the_shells_exit_code(plant):
    forest = plant("plain")
    forest.wait_for_line("errand done")
    before = forest.pids()["third"]
    os.kill(before, signal.SIGKILL)
    forest.wait_for_line("third ended with exit code 137")
    wait_for(lambda: forest.pids()["third"] != before, "a new third")


def test_an_errand_runs_once_after_all_are_ready_and_what_it_said_is_handed_over(plant):
    forest = plant("plain")
    forest.wait_for_line("errand done 3: here is errand")
    text = forest.log.read_text()
    assert text.index("all ready") < text.index("errand | here is errand")
    assert text.count("here is errand") == 2  # once live, once handed over
    assert all(f"{name:<6} | here is {name}" in text for name in ("first", "second", "third"))
