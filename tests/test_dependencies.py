"""Rules over the whole project that no linter knows."""

import re
from pathlib import Path

import pytest
from django.apps import apps

ROOT = Path(__file__).resolve().parents[1]
LOCKS = ["requirements", "requirements-dev", "tests/charging/api/ocpi/foreign_server"]
ORDER = ["ledger", "certificates", "charging", "config"]

pytestmark = pytest.mark.once


def test_foreign_keys_point_downward_only():
    """A foreign key named by a string is no import, so the import rules do not see it."""
    for label in ORDER:
        for model in apps.get_app_config(label).get_models():
            for field in model._meta.get_fields():
                if field.auto_created or not field.is_relation or not field.related_model:
                    continue
                target = field.related_model._meta.app_label
                if target in ORDER:
                    assert ORDER.index(target) <= ORDER.index(label), f"{field} points upward"


@pytest.mark.parametrize("name", LOCKS)
def test_the_lock_pins_everything_that_is_asked_for_and_names_no_place(name):
    lock = (ROOT / f"{name}.txt").read_text()
    assert "://" not in lock
    pins = re.findall(r"^\S+==\S+", lock, re.MULTILINE)
    starts = re.findall(r"^[^\s#].*", lock, re.MULTILINE)
    assert len(pins) == len(starts)
    assert all(start.endswith("\\") for start in starts)  # a hash follows
    for line in (ROOT / f"{name}.in").read_text().splitlines():
        if wanted := re.match(r"^([\w-]+)(?:\[[\w,]+\])?==(\S+)", line):
            assert f"{wanted[1].lower()}=={wanted[2]} " in lock.lower()


@pytest.mark.parametrize("name", LOCKS)
def test_every_direct_dependency_says_why(name):
    for line in (ROOT / f"{name}.in").read_text().splitlines():
        if "==" in line:
            assert "#" in line, f"{line} has no reason"
