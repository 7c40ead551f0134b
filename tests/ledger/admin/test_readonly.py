"""Every list and page of the admin, as an auditor and as others see it."""

import re

import pytest
from django.apps import apps
from django.contrib import admin
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from certificates.models import ApiKey, Lot, User
from ledger.admin.readonly import ReadOnlyAdmin
from ledger.models import Asset, AuditEvent, ConsistencyRun
from ledger.services import consistency, consistency_runs
from ledger.services.reconciliation import Reconciliation
from tests.trail import make_auditor
from tests.trail import make_superseded_trail as make_trail

pytestmark = pytest.mark.django_db
AGREES = Reconciliation(height=1, balances=2, lots=1, on_the_way=0, differences=())
DOORS = [door for door in admin.site._registry.values() if isinstance(door, ReadOnlyAdmin)]


@pytest.fixture
def auditor(client):
    user = make_auditor()
    client.force_login(user)
    return user


def address(door, page="changelist", *args):
    meta = door.opts
    return reverse(f"admin:{meta.app_label}_{meta.model_name}_{page}", args=args)


def queries_of(client, url):
    with CaptureQueriesContext(connection) as captured:
        answer = client.get(url)
    assert answer.status_code == 200, url
    return [q["sql"] for q in captured.captured_queries]


def test_every_model_of_the_registry_has_a_read_only_page():
    ours = {
        model
        for app in ("ledger", "certificates", "charging")
        for model in apps.get_app_config(app).get_models()
    }
    shown = {door.model for door in DOORS}
    assert {m.__name__ for m in ours - shown} <= {"IdempotentRequest"}


def test_a_list_costs_as_many_queries_for_three_rows_as_for_one(client, auditor):
    make_trail(0)
    before = {door.model: len(queries_of(client, address(door))) for door in DOORS}
    make_trail(1)
    make_trail(2)
    after = {door.model: len(queries_of(client, address(door))) for door in DOORS}
    assert after == before


def test_a_list_reads_no_more_rows_than_it_shows(client, auditor, monkeypatch):
    make_trail(0)
    make_trail(1)
    for door in DOORS:
        monkeypatch.setattr(door, "list_per_page", 1)
        table = door.opts.db_table
        for sql in queries_of(client, address(door)):
            if f'FROM "{table}"' in sql and "WHERE" not in sql:
                assert "LIMIT" in sql, sql
            assert not re.search(rf'SELECT COUNT\(\*\) AS "__count" FROM "{table}"', sql), sql


@pytest.mark.parametrize("door", DOORS, ids=lambda d: d.opts.model_name)
def test_search_reads_indexed_columns_only(door):
    for path in door.search_fields:
        model, column = door.model, path
        while "__" in column:
            parent, _, column = column.partition("__")
            related = model._meta.get_field(parent)
            assert related.db_index or related.auto_created or leads_an_index(model, parent)
            model = related.related_model
        assert column == "pk" or leads_an_index(model, column), path


def leads_an_index(model, name):
    field = model._meta.get_field(name)
    if getattr(field, "primary_key", False) or field.unique or field.db_index:
        return True
    rows = [*model._meta.indexes, *model._meta.constraints]
    return any(list(getattr(row, "fields", []) or [])[:1] == [name] for row in rows)


def test_a_page_shows_a_row_and_what_points_at_it_without_a_form(client, auditor):
    make_trail(0)
    for door in DOORS:
        page = client.get(address(door, "change", door.model.objects.first().pk))
        assert page.status_code == 200
        body = page.content.decode()
        assert 'name="_save"' not in body
        assert "deletelink" not in body


def test_nobody_adds_changes_or_deletes_here(client, auditor):
    make_trail(0)
    for door in DOORS:
        row = door.model.objects.first()
        assert client.get(address(door, "add")).status_code == 403
        assert client.post(address(door, "change", row.pk), {}).status_code == 403
        assert client.post(address(door, "delete", row.pk), {"post": "yes"}).status_code == 403


def test_staff_without_an_auditors_membership_see_nothing(client):
    client.force_login(User.objects.create_user("staff@example.org", "x", is_staff=True))
    for door in DOORS:
        assert client.get(address(door)).status_code == 403


def test_a_stranger_is_sent_to_log_in(client):
    assert client.get(reverse("admin:index")).status_code == 302


def test_an_auditor_without_staff_status_is_kept_out(client):
    user = make_auditor()
    User.objects.filter(pk=user.pk).update(is_staff=False)
    client.force_login(user)
    assert client.get(reverse("admin:index")).status_code == 302


def test_secrets_are_never_shown(client, auditor):
    trail = make_trail(0)
    key = ApiKey.objects.get()
    body = client.get(reverse("admin:certificates_apikey_change", args=[key.pk])).content.decode()
    assert bytes(key.secret_hash).hex() not in body
    page = client.get(reverse("admin:certificates_user_change", args=[trail.user.pk]))
    assert "password" not in page.content.decode().lower().replace("password_change", "").replace(
        "change password", ""
    )


def test_the_trail_leads_from_the_meter_line_to_the_receipt_and_back(client, auditor):
    trail = make_trail(0)
    page = client.get(reverse("admin:charging_allocation_change", args=[trail.allocation.pk]))
    body = page.content.decode()
    for name, row in [
        ("certificates_reading", trail.reading),
        ("certificates_lot", trail.lot),
        ("certificates_retirement", trail.retirement),
        ("ledger_block", trail.block),
        ("charging_session", trail.session),
        ("charging_receipt", trail.receipt),
    ]:
        assert reverse(f"admin:{name}_change", args=[row.pk]) in body, name
    lot = client.get(reverse("admin:certificates_lot_change", args=[trail.lot.pk])).content.decode()
    assert reverse("admin:certificates_retirement_change", args=[trail.retirement.pk]) in lot


def test_search_finds_a_block_by_its_hash_and_ignores_what_cannot_be_one(client, auditor):
    trail = make_trail(0)
    url = reverse("admin:ledger_block_changelist")
    found = client.get(url, {"q": "0x" + trail.block.block_hash.hex()})
    assert found.context["cl"].result_count == 1
    assert client.get(url, {"q": "no such thing"}).context["cl"].result_count == 0
    assert client.get(url, {"q": "9" * 40}).context["cl"].result_count == 0


def test_a_list_stops_counting_at_its_bound(client, auditor, monkeypatch):
    monkeypatch.setattr("ledger.admin.paging.COUNTED_ROWS", 2)
    for n in range(3):
        make_trail(n)
    page = client.get(reverse("admin:certificates_lot_changelist"))
    assert page.context["cl"].result_count == 2
    assert "The newest 2 lots" in page.content.decode()


def test_checking_consistency_says_that_all_adds_up_and_leaves_an_event(
    client, auditor, monkeypatch
):
    monkeypatch.setattr(consistency, "reconcile", lambda: AGREES)
    make_trail(0)
    waits = client.post(reverse("admin:check_consistency"), follow=True)
    assert "Waiting for a worker" in waits.content.decode()
    assert not AuditEvent.objects.filter(action="consistency.checked").exists()
    run = ConsistencyRun.objects.latest("pk")
    consistency_runs.carry_out(run_id=run.pk, clock=timezone.now)
    answer = client.get(reverse("admin:consistency_run", args=[run.pk]), follow=True)
    assert "Everything adds up" in answer.content.decode()
    assert "The last check found nothing" in client.get(reverse("admin:index")).content.decode()
    event = AuditEvent.objects.get(action="consistency.checked")
    assert event.actor == auditor.email
    assert event.detail["consistent"] is True


def test_checking_consistency_changes_nothing_for_staff_who_are_not_auditors(client):
    client.force_login(User.objects.create_user("staff@example.org", "x", is_staff=True))
    assert client.post(reverse("admin:check_consistency")).status_code == 403
    assert not AuditEvent.objects.exists()
    assert not Lot.objects.exists()


def test_one_box_goes_straight_to_the_only_row_and_lists_several(client, auditor):
    trail = make_trail(0)
    find = reverse("admin:find")
    only = client.get(find, {"q": trail.receipt.public_id})
    assert only.url == reverse("admin:charging_receipt_change", args=[trail.receipt.pk])
    shared = trail.issue_id  # an entry's number, and from now on surely an asset's
    Asset.objects.get_or_create(pk=shared, defaults={"kind": "currency", "code": "GBP"})
    several = client.get(find, {"q": str(shared)})
    assert several.status_code == 200
    assert len(several.context["found"]) > 1
    assert "Nothing carries" in client.get(find, {"q": "no such thing"}).content.decode()


def test_the_first_page_leads_to_every_list(client, auditor):
    body = client.get(reverse("admin:index")).content.decode()
    for door in DOORS:
        assert f'href="{address(door)}"' in body, door.opts.model_name
