"""Commands answer in JSON or in a sentence, and refuse bad input with exit code 2."""

import argparse
import io
import json
from datetime import UTC, datetime

import pytest
from django.core.management.base import CommandError
from hypothesis import given
from hypothesis import strategies as st

from ledger.errors import Overdrawn
from ledger.management.registry_command import RegistryCommand, progress_bar, utc_instant


class Count(RegistryCommand):
    needs_database = False

    def perform(self, *, now, **options):
        if options.get("too_much"):
            raise Overdrawn("Acme holds 1, 2 needed.")
        return {"counted": 3}

    def sentence(self, result):
        return f"{result['counted']} counted."


def run(**options):
    out = io.StringIO()
    Count(stdout=out).handle(**{"json": False, **options})
    return out.getvalue()


def test_a_person_reads_a_sentence():
    assert run() == "3 counted.\n"


def test_a_machine_reads_json():
    assert json.loads(run(json=True)) == {"counted": 3}


def test_bad_input_ends_with_code_2_and_the_error_s_own_sentence():
    with pytest.raises(CommandError, match=r"Acme holds 1, 2 needed\.") as caught:
        run(too_much=True)
    assert caught.value.returncode == 2


def test_bad_input_as_json_names_the_stable_code():
    out = io.StringIO()
    with pytest.raises(CommandError):
        Count(stdout=out).handle(json=True, too_much=True)
    assert json.loads(out.getvalue())["error"]["code"] == "overdrawn"


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2018-01-31", datetime(2018, 1, 31, tzinfo=UTC)),
        ("2018-01-31T12:00Z", datetime(2018, 1, 31, 12, tzinfo=UTC)),
        ("2018-07-01T12:00+01:00", datetime(2018, 7, 1, 11, tzinfo=UTC)),
    ],
)
def test_an_instant_without_an_offset_is_utc(text, moment):
    assert utc_instant(text) == moment


@given(st.text(alphabet="abcxyz -", max_size=10))
def test_words_are_no_instants(text):
    with pytest.raises(argparse.ArgumentTypeError):
        utc_instant(text)


def test_progress_is_silent_where_nobody_watches(capsys):
    with progress_bar("lines") as show:
        show(1, 2)
    assert capsys.readouterr().err == ""
