"""Every list of the auditor as a file: what is found, whole, and nothing that pages hide."""

import json

import pytest
from django.contrib import admin
from django.urls import reverse

from certificates.models import User
from ledger.admin.readonly import ReadOnlyAdmin
from ledger.services import long_lists
from tests.fixtures.lists import KINDS, rows_of
from tests.trail import make_superseded_trail

DOORS = {
    model._meta.label: door
    for model, door in admin.site._registry.items()
    if isinstance(door, ReadOnlyAdmin)
}


@pytest.fixture
def trail(db):
    return make_superseded_trail(0)


@pytest.fixture
def auditor(client, trail):
    person = User.objects.create_user("auditor@example.org", "x", is_staff=True, is_superuser=True)
    client.force_login(person)
    return client


def address(label, kind):
    app, model = label.lower().split(".")
    return reverse(f"admin:{app}_{model}_as_file", args=[kind])


def read(auditor, label, kind, **query):
    answer = auditor.get(address(label, kind), query)
    assert answer.status_code == 200, label
    assert answer["Content-Disposition"].endswith(f'.{kind}"')
    return rows_of(b"".join(answer.streaming_content), kind)


def test_every_list_has_its_files_with_all_rows_and_no_hidden_column(auditor):
    assert len(DOORS) > 60
    filled = 0
    for label, door in DOORS.items():
        rows = read(auditor, label, "json")
        assert len(rows) == door.model._default_manager.count(), label
        filled += bool(rows)
        hidden = {*door.hidden_fields, *(door.exclude or ())}
        assert not rows or not hidden & set(rows[0]), label
        assert len(read(auditor, label, "xlsx")) == len(rows), label
    assert filled > 60


@pytest.mark.parametrize("kind", KINDS)
def test_a_file_is_of_what_was_searched_and_filtered(auditor, trail, kind):
    gsrn = trail.device.gsrn
    assert [row["gsrn"] for row in read(auditor, "certificates.Device", kind, q=gsrn)] == [gsrn]
    assert read(auditor, "certificates.Device", kind, q="735999999999999999") == []
    (row,) = read(auditor, "certificates.Reading", kind, device__id__exact=trail.device.pk, p=2)
    assert int(row["energy_wh"]) == trail.reading.energy_wh


def test_the_list_leads_to_its_files_as_it_is_filtered(auditor, trail):
    page = auditor.get(reverse("admin:certificates_device_changelist"), {"q": trail.device.gsrn})
    linked = f"{address('certificates.Device', 'xlsx')}?q={trail.device.gsrn}"
    assert f'href="{linked}"' in page.text


def test_what_nobody_can_filter_by_leads_back_to_the_list(auditor):
    answer = auditor.get(address("certificates.Reading", "csv"), {"colour": "red"})
    assert (answer.status_code, answer["Location"]) == (302, "/admin/certificates/reading/")


def test_a_kind_that_is_none_is_404_and_others_are_kept_out(auditor, client):
    assert auditor.get(address("ledger.Entry", "exe")).status_code == 404
    assert auditor.post(address("ledger.Entry", "csv")).status_code == 405
    client.force_login(User.objects.create_user("staff@example.org", "x", is_staff=True))
    assert client.get(address("ledger.Entry", "csv")).status_code == 403
    client.logout()
    assert client.get(address("ledger.Entry", "csv")).status_code == 302


def test_a_second_long_list_waits_for_the_first(auditor, monkeypatch):
    monkeypatch.setattr(long_lists, "LONG", 0)
    monkeypatch.setattr(long_lists, "WAIT_S", 0)
    first = auditor.get(address("ledger.Entry", "json"))
    again = auditor.get(address("ledger.Posting", "json"))
    assert (again.status_code, again["Retry-After"]) == (429, "60")
    assert json.loads(b"".join(first.streaming_content))
    assert read(auditor, "ledger.Posting", "json")
