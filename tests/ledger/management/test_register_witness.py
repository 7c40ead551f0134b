"""manage.py register_witness."""

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from ledger.models import Witness

ADDRESS = "0x" + "ab" * 20

pytestmark = pytest.mark.usefixtures("db", "data_dir")


def run(*arguments: str) -> str:
    out = StringIO()
    call_command("register_witness", *arguments, stdout=out)
    return out.getvalue()


def test_a_witness_is_registered_and_retired_by_name_and_address():
    assert "is a witness from block 3 on" in run(ADDRESS, "Coventry", "--since", "3")
    report = json.loads(run(ADDRESS, "Coventry", "--retire", "9", "--json"))
    assert report == {"name": "Coventry", "address": ADDRESS, "since": 3, "retired": 9}
    assert Witness.objects.get().retired_height == 9


@pytest.mark.parametrize("address", ["ab" * 20, "0x12", "0x" + "zz" * 20])
def test_what_is_no_address_is_refused(address):
    with pytest.raises(CommandError, match="no address"):
        run(address, "Coventry")
