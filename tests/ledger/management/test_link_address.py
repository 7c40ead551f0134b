"""An address is linked in two steps: print what to sign, then bring the signature."""

import json
from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone
from eth_account import Account as Wallet
from eth_account.messages import encode_defunct

from ledger.models import OwnAddress
from ledger.services.accounts import open_account

pytestmark = pytest.mark.django_db
WALLET = Wallet.from_key(b"\x07" * 32)


def run(*arguments: str) -> dict:
    out = StringIO()
    call_command("link_address", *arguments, "--json", stdout=out)
    return json.loads(out.getvalue())


def test_the_message_is_signed_elsewhere_and_links() -> None:
    holder = open_account(name="Holder")
    about = (str(holder.uuid), WALLET.address)
    asked = run(*about)
    assert not asked["linked"]
    assert not OwnAddress.objects.exists()
    for named in (WALLET.address.lower(), str(holder.uuid), "issuer can still withdraw"):
        assert named in asked["message"]
    signed = WALLET.sign_message(encode_defunct(text=asked["message"]))
    signature = "0x" + bytes(signed.signature).hex()
    done = run(*about, "--until", asked["until"], "--signature", signature)
    assert done["linked"]
    assert OwnAddress.objects.get().holder == holder


def test_people_are_told_what_to_do_next() -> None:
    holder, out = open_account(name="Holder"), StringIO()
    call_command("link_address", str(holder.uuid), WALLET.address, stdout=out)
    assert "Have this text signed" in out.getvalue()


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"account": "00000000-0000-4000-8000-000000000000"}, "account_unknown"),
        ({"signature": "0x" + "11" * 65}, "link_invalid"),
        ({"until": "2018-01-01"}, "link_expired"),
    ],
)
def test_what_is_wrong_is_named(change: dict[str, str], code: str, capsys) -> None:
    holder = open_account(name="Holder")
    until = (timezone.now() + timedelta(hours=1)).astimezone(UTC).isoformat()
    given = {"account": str(holder.uuid), "signature": "0x" + "11" * 65, "until": until} | change
    out = StringIO()
    with pytest.raises(CommandError):
        call_command(
            "link_address", given["account"], WALLET.address, "--json",
            "--until", given["until"], "--signature", given["signature"], stdout=out,
        )  # fmt: skip
    assert json.loads(out.getvalue())["error"]["code"] == code
    assert not OwnAddress.objects.exists()


@pytest.mark.parametrize(
    "arguments",
    [
        ("no uuid", WALLET.address),
        ("00000000-0000-4000-8000-000000000000", "0x12"),
        ("00000000-0000-4000-8000-000000000000", WALLET.address, "--signature", "0x12"),
    ],
)
def test_what_cannot_be_read_is_refused(arguments: tuple[str, ...]) -> None:
    with pytest.raises(CommandError):
        call_command("link_address", *arguments)


def test_the_time_is_read_as_utc() -> None:
    holder = open_account(name="Holder")
    asked = run(str(holder.uuid), WALLET.address, "--until", "2018-02-01T10:00")
    assert datetime.fromisoformat(asked["until"]) == datetime(2018, 2, 1, 10, tzinfo=UTC)
    assert "Good until: 2018-02-01T10:00:00Z" in asked["message"]
