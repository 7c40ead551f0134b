"""Keys of charging meters: one owner, windows, rotation, revocation."""

import json
from datetime import UTC, datetime

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from django.urls import reverse

from certificates.models import Membership, Role, User
from charging.domain.meters.verification import SignatureState, verify_message
from charging.errors import MeterKeyRefused, UnreadableKey
from charging.models import MeterKey
from charging.queries.meter_keys import meter_keys
from charging.services.meter_keys import NewKey, register, revoke, rotate
from ledger.models import AuditEvent
from tests.charging.conftest import make_organisation
from tests.charging.domain.meters.made import Meter, charge
from tests.trail import make_auditor

OLD, NEW = Meter(seed=1), Meter(seed=2)
FEBRUARY = datetime(2026, 2, 1, tzinfo=UTC)
APRIL = datetime(2026, 4, 1, tzinfo=UTC)


@pytest.fixture
def first(company, now):
    key = NewKey("M-1", OLD.public_key, valid_from=FEBRUARY)
    return register(owner=company, key=key, actor="test", now=now)


@pytest.fixture
def other(db):
    return make_organisation("Other chargers", "other", Role.CHARGING_COMPANY)


def verdict(meter=OLD, operator=None):
    return verify_message(meter.ocmf(charge()).encode(), meter_keys(operator))


def test_a_registered_key_proves_what_its_meter_signed(company, first):
    found = verdict()
    assert found.proves_energy
    assert found.records[0].key.owner == "Council chargers"
    assert verdict(NEW).state == SignatureState.INVALID
    assert AuditEvent.objects.get(action="meter_key.registered").detail["meter"] == "M-1"


def test_a_key_counts_for_its_owner_s_charges_alone(company, other, first):
    assert verdict(operator=company).proves_energy
    assert verdict(operator=other).state == SignatureState.NO_KEY


def test_registering_twice_is_once_and_another_window_is_refused(company, first, now):
    again = NewKey(" m-1 ", OLD.public_key, valid_from=FEBRUARY)
    assert register(owner=company, key=again, actor="test", now=now) == first
    with pytest.raises(MeterKeyRefused, match="another window"):
        register(owner=company, key=NewKey("M-1", OLD.public_key), actor="test", now=now)
    assert MeterKey.objects.count() == 1


def test_nobody_puts_a_key_beside_another_owner_s(first, other, now):
    with pytest.raises(MeterKeyRefused, match="another owner"):
        register(owner=other, key=NewKey("m-1", NEW.public_key), actor="test", now=now)


def test_a_rotation_ends_the_old_window_and_happens_once(company, first, now):
    key = NewKey("M-1", NEW.public_key, valid_from=APRIL)
    row = rotate(old=first, key=key, actor="test", now=now)
    assert rotate(old=first, key=key, actor="test", now=now) == row
    first.refresh_from_db()
    assert (first.valid_until, row.replaces) == (APRIL, first)
    assert verdict().proves_energy
    assert verdict(NEW).state == SignatureState.INVALID  # in March the old key alone counts
    third = NewKey("M-1", Meter(seed=3).public_key, valid_from=APRIL)
    with pytest.raises(MeterKeyRefused, match="replaced before"):
        rotate(old=first, key=third, actor="test", now=now)


def test_a_key_that_leaked_proves_nothing_at_any_time(first, now):
    replaced, leaked = MeterKey.Revoked.REPLACED, MeterKey.Revoked.COMPROMISED
    words = {"key": first, "revoked_at": APRIL, "actor": "test", "now": now}
    revoke(revoked_for=replaced, **words)
    assert verdict().proves_energy  # the charge was in March
    revoke(revoked_for=leaked, **words)
    assert verdict().state == SignatureState.NO_KEY
    with pytest.raises(MeterKeyRefused, match="revoked before"):
        revoke(revoked_for=replaced, **words)
    assert AuditEvent.objects.filter(action="meter_key.revoked").count() == 2


@pytest.mark.parametrize(
    ("key", "error"),
    [
        (NewKey("", OLD.public_key), MeterKeyRefused),
        (NewKey("*", OLD.public_key), MeterKeyRefused),
        (NewKey("M" * 101, OLD.public_key), MeterKeyRefused),
        (NewKey("M-2", "no key"), UnreadableKey),
        (NewKey("M-2", OLD.public_key, valid_from=APRIL, valid_until=FEBRUARY), MeterKeyRefused),
    ],
)
def test_what_is_no_key_is_refused_and_not_kept(company, now, key, error):
    with pytest.raises(error):
        register(owner=company, key=key, actor="test", now=now)
    assert not MeterKey.objects.exists()


def test_the_database_holds_windows_and_reasons(first):
    for change in ({"valid_until": FEBRUARY}, {"revoked_at": APRIL}):
        with pytest.raises(IntegrityError), transaction.atomic():
            MeterKey.objects.filter(pk=first.pk).update(**change)


def test_the_command_registers_and_revokes(company, tmp_path, capsys):
    file = tmp_path / "key.txt"
    file.write_text(OLD.public_key)
    words = ["--organisation", "council", "--meter", "M-1"]
    call_command("meter_key", "register", *words, "--key", str(file), "--json")
    made = json.loads(capsys.readouterr().out)
    short = made["fingerprint"][:8]
    call_command("meter_key", "revoke", *words, "--old", short, "--for", "compromised")
    assert MeterKey.objects.get().revoked_for == "compromised"
    with pytest.raises(CommandError, match="no key"):
        call_command("meter_key", "revoke", *words, "--old", "ffff", "--for", "replaced")
    with pytest.raises(CommandError, match="--key"):
        call_command("meter_key", "register", *words)


def test_an_auditor_revokes_in_the_admin_and_others_cannot(client, first):
    url = reverse("admin:charging_meterkey_changelist")
    asked = {"action": "revoke", "revoked_for": "compromised", "_selected_action": [first.pk]}
    client.post(url, asked)
    first.refresh_from_db()
    assert not first.revoked_for
    client.force_login(make_auditor())
    page = client.post(url, asked, follow=True)
    assert "1 meter key decided." in page.text
    first.refresh_from_db()
    assert first.revoked_for == "compromised"
    page = client.post(url, asked | {"revoked_for": "replaced"}, follow=True)
    assert "Nothing was changed" in page.text


def make_registrar():
    """Staff with a registrar's membership."""
    user = User.objects.create_user("registrar@example.org", "a long pass phrase", is_staff=True)
    office = make_organisation("Registry", "registry", Role.REGISTRAR)
    Membership.objects.create(user=user, organisation=office, role=Role.REGISTRAR)
    return user


def asked(company, signer, **more):
    """The form of a new key as a browser sends it."""
    given = {"owner": company.pk, "meter": "M-1", "public_key": signer.public_key, "curve": ""}
    times = {f"valid_{end}_{n}": "" for end in ("from", "until") for n in (0, 1)}
    return given | times | {"old_key": ""} | more


def test_a_registrar_registers_and_rotates_in_the_admin_and_others_cannot(client, company, first):
    url = reverse("admin:charging_meterkey_add")
    client.force_login(make_auditor())
    assert client.get(url).status_code == 403
    client.force_login(make_registrar())
    assert client.get(url).status_code == 200
    since = {"valid_from_0": "2026-03-01", "valid_from_1": "00:00:00"}
    refused = client.post(url, asked(company, NEW, **since, old_key="ffff"))
    assert "has no key of meter" in refused.text
    assert MeterKey.objects.count() == 1
    client.post(url, asked(company, NEW, **since, old_key=first.fingerprint[:8]))
    first.refresh_from_db()
    new = MeterKey.objects.get(replaces=first)
    assert first.valid_until == new.valid_from
    client.post(url, asked(company, OLD, meter="M-2"))
    assert MeterKey.objects.filter(meter="M-2", owner=company).count() == 1
    events = AuditEvent.objects.filter(action__startswith="meter_key.").order_by("pk")
    assert [event.action.split(".")[1] for event in events] == [
        "registered", "rotated", "registered"
    ]  # fmt: skip


@pytest.mark.parametrize("key", ["", "no key", "30820122300d06092a864886f70d01010105000382010f00"])
def test_what_is_no_key_is_told_beside_the_form(client, company, key):
    client.force_login(make_registrar())
    page = client.post(reverse("admin:charging_meterkey_add"), asked(company, OLD, public_key=key))
    assert page.status_code == 200
    assert "errornote" in page.text
    assert not MeterKey.objects.exists()


def test_the_command_takes_a_key_in_der(company, tmp_path):
    file = tmp_path / "key.der"
    file.write_bytes(bytes.fromhex(OLD.public_key))
    words = ["--organisation", "council", "--meter", "M-1", "--key", str(file)]
    call_command("meter_key", "register", *words)
    assert MeterKey.objects.get().curve == OLD.curve.name
